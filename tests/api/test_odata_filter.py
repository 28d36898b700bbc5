"""`$filter` and `$orderby` of the OData feed (rows RS28, RS29)."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import pytest
from django.utils import timezone

from server.projects.models import Project
from server.reports.odata import filters
from server.reports.odata.conditions import by_index
from server.submissions.models import ReviewState, Submission
from tests.api.feeds import TWO_CHILDREN, Feed, sent
from tests.api.feeds import feed as feed
from tests.api.feeds import form as form
from tests.api.feeds import lan as lan


@pytest.mark.row("RS28")
def test_filters_on_what_the_system_knows(feed: Feed, project: Project) -> None:
    for number in range(3):
        sent(project, number)
    long_ago = dt.datetime(2025, 3, 4, 23, 30, tzinfo=dt.UTC)
    Submission.objects.filter(instance_id="uuid:0").update(
        created_at=long_ago, review_state=ReviewState.APPROVED
    )
    filters = {
        "__system/reviewState eq 'approved'": "0",
        "__system/reviewState ne 'approved'": "21",
        "__system/reviewState eq null": "21",
        "not (__system/reviewState eq 'approved')": "21",
        "__system/submissionDate lt 2025-03-05": "0",
        "__system/submissionDate le 2025-03-05T06:30:00.000+07:00": "0",
        "2025-03-05 gt __system/submissionDate": "0",
        "year(__system/submissionDate) eq 2025 and day(__system/submissionDate) eq 4": "0",
        "__system/submissionDate le now()": "210",
        "__system/reviewState eq 'received'": "",  # told as null
        "__system/reviewState lt 'b'": "0",
        "__system/reviewState eq 'approved' or __system/submissionDate gt 2025-03-05": "210",
        "__system/reviewState eq null and __system/submissionDate gt 2025-03-05": "21",
        "__system/updatedAt ge 2025-01-01": "",
        "__system/updatedAt ge 2025-01-01 or __system/submissionDate gt 2025-03-05": "21",
        "not __system/updatedAt ge 2025-01-01": "210",
        "__system/submitterId eq '5' or __id eq 'uuid:1'": "1",
        "$root/Submissions/__system/submissionDate lt 2025-03-05": "0",
        "__id eq 'uuid:1' or __id eq 'uuid:2' and __id eq 'uuid:0'": "1",
    }

    for text, expected in filters.items():
        answer = feed.ask("/Submissions", f"$count=true&$filter={quote(text)}")
        assert answer.status == 200, (text, answer.text)
        ids = "".join(row["__id"][-1] for row in answer.json["value"])
        assert (ids, answer.json["@odata.count"]) == (expected, len(expected)), text


@pytest.mark.row("RS28")
@pytest.mark.parametrize(
    ("sign", "expected"),
    [("gt", "2"), ("ge", "21"), ("eq", "1"), ("ne", "20"), ("le", "10"), ("lt", "0")],
)
@pytest.mark.parametrize("column", ["submissionDate", "updatedAt"])
def test_a_moment_is_compared_as_it_was_told(
    feed: Feed, project: Project, column: str, sign: str, expected: str
) -> None:
    for number in range(3):
        sent(project, number)
        at = dt.datetime(2026, 5, 4, 8, 0, 0, 122_999 + number * 1_000, tzinfo=dt.UTC)
        found = Submission.objects.filter(instance_id=f"uuid:{number}")
        found.update(created_at=at, updated_at=at)
    (_, told, _) = (row["__system"][column] for row in feed.rows())

    asked = quote(f"__system/{column} {sign} {told}")
    turned = quote(f"not (__system/{column} {sign} {told})")

    assert [each[-1] for each in feed.ids(f"$filter={asked}")] == list(expected)
    assert {each[-1] for each in feed.ids(f"$filter={turned}")} == {*"012"} - {*expected}


@pytest.mark.parametrize(
    ("text", "is_looked_up"),
    [
        ("__system/submissionDate gt 2025-03-05 or now() lt __system/updatedAt", True),
        ("__system/reviewState eq 'approved' and not __id eq 'uuid:1'", True),
        ("__system/reviewState eq null", True),
        ("__system/submissionDate gt 2025-03-05 or __id eq 'uuid:1'", False),
        ("not __system/submissionDate gt 2025-03-05", False),
        ("year(__system/submissionDate) eq 2025", False),
        ("__system/updatedAt eq null", False),
        ("__system/reviewState ne 'approved'", False),
    ],
)
def test_what_indexes_know_of_a_filter_is_looked_up(text: str, is_looked_up: bool) -> None:
    looked_up = by_index(filters.read(text), on_repeats=False)

    assert (looked_up is not None) == is_looked_up


@pytest.mark.row("RS28")
def test_rows_of_a_repeat_are_filtered_by_their_submission(feed: Feed, project: Project) -> None:
    sent(project, 1, TWO_CHILDREN)
    sent(project, 2, TWO_CHILDREN)
    Submission.objects.filter(instance_id="uuid:1").update(review_state=ReviewState.REJECTED)

    wanted = quote("$root/Submissions/__system/reviewState eq 'rejected'")
    rows = feed.rows("/Submissions.g.con", f"$filter={wanted}")

    assert {row["__Submissions-id"] for row in rows} == {"uuid:1"}
    other = quote("__system/reviewState eq 'rejected'")
    assert feed.ask("/Submissions.g.con", f"$filter={other}").json["code"] == 501.5


@pytest.mark.row("RS29")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("so eq 5", 501.5),
        ("contains(__id,'x')", 501.4),
        ("__id in ('x')", 501.4),
        ("__id eq", 400.18),
        ("__id 'x'", 400.18),
        ("(__id eq 'x'", 400.18),
        ("__id eq 'x' §", 400.18),
        ("__system/submissionDate gt 'hôm qua'", 400.18),
        ("__system/submissionDate gt 2026-13-01", 400.18),
        ("year(__id) eq 5", 400.18),
        ("1 eq 1", 400.18),
        ("not " * 99 + "__id eq 'x'", 400.18),
        ("__id eq '\0'", 400.18),
    ],
)
def test_a_filter_that_cannot_be_read_or_kept_is_refused(
    feed: Feed, text: str, code: float
) -> None:
    answer = feed.ask("/Submissions", f"$filter={quote(text)}")

    assert answer.json["code"] == code


def test_rows_come_in_the_order_asked_for(feed: Feed, project: Project) -> None:
    for number in range(3):
        sent(project, number)
    Submission.objects.filter(instance_id="uuid:1").update(updated_at=timezone.now())
    by = f"$orderby={quote('__system/updatedAt DESC, __system/submissionDate  asc')}"

    assert feed.ids(by) == ["uuid:1", "uuid:0", "uuid:2"]
    first = feed.ask("/Submissions", f"{by}&$top=2")
    assert [row["__id"] for row in feed.next(first).json["value"]] == ["uuid:2"]
