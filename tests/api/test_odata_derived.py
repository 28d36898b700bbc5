"""What the OData feed has and Central's has not: inspections and their findings as tables."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.utils import timezone

from server.projects.models import Membership, Project
from server.submissions.models import Submission
from tests import builders
from tests.api.feeds import Feed
from tests.api.feeds import feed as feed
from tests.api.feeds import form as form
from tests.api.feeds import lan as lan
from tests.builders import GOOD


@pytest.fixture
def inspected(feed: Feed, project: Project) -> Feed:
    builders.form(project)
    builders.commune("05665", "Xã Đồng Hỷ")
    for number, child in enumerate(("0", "2")):
        answers = {**GOOD, "h/h_commune": "05665", "a/a5_child": child}
        builders.send(project, builders.instance(answers, instance_id=f"uuid:{number}"))
    feed.root = feed.root.replace("thu.svc", "kt_thu.svc")
    return feed


def test_inspections_and_findings_are_tables(inspected: Feed) -> None:
    tables = [table["name"] for table in inspected.ask("").json["value"]]
    described = inspected.ask("/$metadata").text
    new, old = inspected.rows("/Inspections")
    a5, *_ = findings = inspected.rows("/Findings")

    assert tables == [
        "Submissions",
        "Submissions.z_photo",
        "Inspections",
        "Findings",
        "Communes",
        "Summary",
        "Recommendations",
    ]
    assert '<EntityType Name="Findings">' in described
    assert '<Property Name="isCore" Type="Edm.Boolean"/>' in described
    assert (new["__id"], new["__Submissions-id"]) == ("uuid:1", "uuid:1")
    assert (new["visitDate"], new["year"], new["period"]) == ("2026-05-20", 2026, "h1")
    assert (new["communeCode"], new["communeName"]) == ("05665", "Xã Đồng Hỷ")
    assert (new["result"], old["result"]) == ("khong_dat", "dat")
    assert new["lon"] is None
    assert (new["criteriaSet"], new["isProvisional"], new["awaitedSet"]) == (
        "THU-2026",
        False,
        None,
    )
    assert len(findings) == 6
    assert (a5["__id"], a5["status"], a5["value"]) == ("uuid:1/A5", "khong_dat", 2)
    assert (a5["isVerified"], a5["isProvisional"], a5["note"]) == (True, False, None)
    assert {each["note"] for each in findings} == {None, "tạm tính – chưa đối chiếu"}


def test_they_are_paged_selected_and_filtered_as_their_submissions(inspected: Feed) -> None:
    first = inspected.ask("/Findings", "$top=4&$count=true&$select=__id,status")
    second = inspected.next(first)
    rows = [*first.json["value"], *second.json["value"]]
    only = quote("$root/Submissions/__id eq 'uuid:0'")

    assert (first.json["@odata.count"], len({row["__id"] for row in rows})) == (6, 6)
    assert "@odata.nextLink" not in second.json
    assert set(rows[0]) == {"__id", "__Submissions-id", "status"}
    assert inspected.rows("/Findings", "$skip=5&$select=condition") == [{"condition": "A1"}]
    keys = inspected.rows("/Findings", "$select=__Submissions-id")
    assert keys == [{"__Submissions-id": row["__Submissions-id"]} for row in rows]
    assert len(inspected.rows("/Findings", f"$filter={only}")) == 3
    assert [row["__id"] for row in inspected.rows("/Inspections('uuid:0')")] == ["uuid:0"]
    assert inspected.ask("/Findings('uuid:0')").status == 404
    Submission.objects.filter(instance_id="uuid:1").update(deleted_at=timezone.now())
    assert len(inspected.rows("/Inspections")) == 1


def test_they_stay_with_those_who_answer_for_the_communes(inspected: Feed) -> None:
    membership = Membership.objects.get()

    membership.commune_uids = ["05665@2025-07-01"]
    membership.save()
    assert len(inspected.rows("/Findings")) == 6
    membership.commune_uids = ["05500@2025-07-01"]
    membership.save()
    assert inspected.rows("/Findings") == inspected.rows("/Inspections") == []
