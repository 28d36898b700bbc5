from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync.demo import crew
from sync.demo.crew import Crew, OlderDemonstration

CREW = Crew(1, ("token",), ("u2",), {"kt_18_5": "2026113001"})


def test_a_crew_is_kept_for_its_owner_alone_with_the_versions_it_filled_in(tmp_path: Path) -> None:
    kept = tmp_path / "secrets" / "demo"

    crew.keep(CREW, kept)

    assert json.loads(kept.read_text())["versions"] == {"kt_18_5": "2026113001"}
    assert kept.stat().st_mode & 0o077 == 0


def test_data_of_an_earlier_demonstration_are_not_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "demo"
    earlier = {"project_id": 1, "tokens": ["token"], "usernames": ["u2"], "version": "2026113001"}
    kept.write_text(json.dumps(earlier))

    with pytest.raises(OlderDemonstration):
        crew.crew(1, kept)
