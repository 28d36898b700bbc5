"""pyodk, the client of ODK Central, unpatched: tables of submissions."""

from __future__ import annotations

import pytest
from pyodk.client import Client

from server.projects.models import Project
from tests import builders
from tests.api.feeds import FORM, TWO_CHILDREN, sent
from tests.api.test_pyodk_forms import client as client
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too


@pytest.mark.row("RS22", "RS23", "RS24", "RS26", "RS28")
def test_tables_are_read(client: Client, project: Project) -> None:
    builders.form(project, FORM)
    for number in range(2):
        sent(project, number, TWO_CHILDREN)
    table = client.submissions.get_table

    page = table("thu", top=1, count=True, expand="*", wkt=True)
    filtered = table("thu", filter="__system/reviewState eq null", skip=1, select="__id,g/sau")
    children = table("thu", table_name="Submissions.g.con")

    assert (page["@odata.count"], page["value"][0]["__id"]) == (2, "uuid:1")
    assert [child["ten_con"] for child in page["value"][0]["g"]["con"]] == ["An", "Bình"]
    assert filtered["value"] == [{"__id": "uuid:0", "g": {"sau": '"hết"'}}]
    assert len(children["value"]) == 4
    link = client.session.get(page["@odata.nextLink"]).json()
    assert [row["__id"] for row in link["value"]] == ["uuid:0"]
    whole = client.submissions.get_table("thu")
    assert [row["__id"] for row in whole["value"]] == ["uuid:1", "uuid:0"]
