"""A person at a desk, over HTTP, beside the phones of these tests."""

from __future__ import annotations

from typing import Any

import requests

from server.projects.models import Project, Role
from tests import builders


class Desk:
    """One person with a session."""

    def __init__(self, base_url: str, project: Project, role: Role = Role.MANAGER) -> None:
        person = builders.member(project, f"{role}@example.org", role)
        opened = requests.post(
            f"{base_url}/v1/sessions",
            json={"email": person.email, "password": builders.PASSWORD},
            timeout=20,
        )
        self._project_url = f"{base_url}/v1/projects/{project.pk}"
        self._headers = {"Authorization": f"Bearer {opened.json()['token']}"}

    def get(self, path: str) -> Any:  # JSON
        """Return what stands at a path of the project."""
        url = f"{self._project_url}/{path}"
        return requests.get(url, headers=self._headers, timeout=20).json()

    def review(self, path: str, state: str, reason: str = "") -> int:
        """Decide about a submission, by its path; return the status."""
        answer = requests.patch(
            f"{self._project_url}/{path}",
            json={"reviewState": state, "reason": reason},
            headers=self._headers,
            timeout=20,
        )
        return answer.status_code

    def put(self, path: str, content: object) -> tuple[int, Any]:
        """Put something at a path of the project; return the status and the JSON."""
        url = f"{self._project_url}/{path}"
        answer = requests.put(url, json=content, headers=self._headers, timeout=20)
        return answer.status_code, answer.json()

    def decide(self, number: int, decision: str) -> tuple[int, Any]:
        """Decide about something in quarantine; return the status and the JSON."""
        answer = requests.post(
            f"{self._project_url}/quarantine/{number}",
            json={"decision": decision, "reason": "đã gọi điện hỏi"},
            headers=self._headers,
            timeout=20,
        )
        return answer.status_code, answer.json()
