"""The OData feed through what analysts have: pandas, and a client that knows of OData alone."""

from __future__ import annotations

from collections.abc import Iterator

import pandas
import pytest
import requests
from odata import ODataService
from requests.auth import HTTPBasicAuth

from server.projects.models import Project, Role
from tests import builders
from tests.api.feeds import FORM, TWO_CHILDREN, sent
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too


@pytest.fixture
def feed(base_url: str, project: Project) -> str:
    builders.member(project, "hoa@example.org", Role.MANAGER)
    builders.form(project, FORM)
    for number in range(3):
        sent(project, number, f"<so>{number + 1}</so>{TWO_CHILDREN}")
    return f"{base_url}/v1/projects/{project.pk}/forms/thu.svc"


@pytest.fixture
def session() -> requests.Session:
    opened = requests.Session()
    opened.auth = HTTPBasicAuth(b"hoa@example.org", builders.PASSWORD.encode())
    return opened


def pages(session: requests.Session, address: str) -> Iterator[list[dict[str, object]]]:
    while address:
        page = session.get(address).json()
        yield page["value"]
        address = page.get("@odata.nextLink", "")


@pytest.mark.row("RS22", "RS23", "RS26")
def test_pandas_puts_records_and_their_children_together(
    feed: str, session: requests.Session
) -> None:
    read = pages(session, f"{feed}/Submissions?$top=2")
    records = pandas.concat([pandas.json_normalize(page) for page in read])
    children = pandas.json_normalize(session.get(f"{feed}/Submissions.g.con").json()["value"])

    both = children.merge(records, left_on="__Submissions-id", right_on="__id")

    assert records["so"].sum() == 6
    assert (len(both), both.groupby("ten_con")["so"].sum().to_dict()) == (
        6,
        {"An": 6, "Bình": 6},
    )
    arrived = pandas.to_datetime(records["__system.submissionDate"])
    assert arrived.is_monotonic_decreasing


@pytest.mark.row("RS22", "RS23", "RS32")
def test_a_client_that_knows_only_odata_reads_by_the_metadata(
    feed: str, session: requests.Session
) -> None:
    service = ODataService(f"{feed}/", session=session, reflect_entities=True)
    records = service.query(service.entities["Submissions"])
    children = service.query(service.entities["Submissions.g.con"])

    assert [(row.so, row.g["sau"]) for row in records] == [(n, '"hết"') for n in (3, 2, 1)]
    assert [row.ten_con for row in children] == ["An", "Bình"] * 3
