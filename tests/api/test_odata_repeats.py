"""Rows of repeats in the OData feed, where a record is not as phones write it."""

from __future__ import annotations

from server.projects.models import Project
from tests.api.feeds import Feed, sent
from tests.api.feeds import feed as feed
from tests.api.feeds import form as form
from tests.api.feeds import lan as lan


def test_no_row_is_lost_where_the_group_of_a_repeat_stands_twice(
    feed: Feed, project: Project
) -> None:
    names = ("An", "Bình")
    sent(project, 1, "".join(f"<g><con><ten_con>{name}</ten_con></con></g>" for name in names))

    rows = feed.rows("/Submissions.g.con")
    (whole,) = feed.rows(query="$expand=*")

    assert [row["ten_con"] for row in rows] == [*names]
    assert [row["ten_con"] for row in whole["g"]["con"]] == [*names]
    assert [row["__id"] for row in whole["g"]["con"]] == [row["__id"] for row in rows]
