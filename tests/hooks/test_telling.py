"""What happens is noted for those who listen, in the transaction in which it happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.hooks.models import Delivery, Event, Webhook
from server.inspections import derive, heard, recommendations
from server.inspections.models import Finding
from server.projects.models import Project, Role
from server.submissions import review
from server.submissions.models import Submission
from server.submissions.review import Judgement
from tests import builders
from tests.builders import GOOD, instance
from tests.hooks.conftest import MakeWebhook

# No woman among the key leaders, as a document says: core, and not met.
BAD = {**GOOD, "a/a3_key_f": "0"}


def noted() -> list[tuple[str, int | None, str]]:
    rows = Delivery.objects.order_by("pk").values_list("event", "submission_id", "state")
    return list(rows)


def edit(project: Project, answers: Mapping[str, str], number: int = 2) -> Submission:
    xml = instance(answers, instance_id=f"uuid:{number}", deprecated_id=f"uuid:{number - 1}")
    return builders.send(project, xml)


def test_a_new_submission_and_its_edit_are_noted(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook()

    sent = builders.send(project, instance(GOOD))
    builders.send(project, instance(GOOD))  # the same again is no event
    edit(project, {**GOOD, "a/a3_key_f": "2"})

    assert noted() == [
        (Event.SUBMISSION_CREATED, sent.pk, "received"),
        (Event.SUBMISSION_EDITED, sent.pk, "edited"),
    ]


def test_a_decision_is_noted_with_its_state(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook(events=[Event.REVIEW_DECIDED])
    sent = builders.send(project, instance(GOOD))
    hoa = builders.member(project, "hoa", Role.MANAGER)

    review.decide(sent.pk, Judgement("approved", hoa))  # type: ignore[arg-type]

    assert noted() == [(Event.REVIEW_DECIDED, sent.pk, "approved")]


def test_a_core_condition_that_is_not_met_is_noted_once(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook(events=[Event.FINDING_SEVERE])

    sent = builders.send(project, instance(BAD))
    derive.derive([sent.pk])

    assert Finding.objects.filter(is_core=True, status="khong_dat").exists()
    assert noted() == [(Event.FINDING_SEVERE, sent.pk, "")]


def test_one_that_an_edit_or_a_late_derivation_finds_is_noted_too(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook(events=[Event.FINDING_SEVERE])

    builders.send(project, instance(GOOD))
    before = noted()
    sent = edit(project, BAD)

    assert (before, noted()) == ([], [(Event.FINDING_SEVERE, sent.pk, "")])


def test_a_recommendation_that_becomes_overdue_is_noted(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook(events=[Event.RECOMMENDATION_OVERDUE])
    webhook("/elsewhere", project=Project.objects.create(name="Dự án khác"))
    made = builders.recommendation(project, han="2026-11-24")

    recommendations.mark_overdue(dt.date(2026, 11, 25))

    (delivery,) = Delivery.objects.all()
    assert (delivery.event, delivery.entity) == (Event.RECOMMENDATION_OVERDUE, made.uuid)
    assert heard.describe(delivery) == {
        "recommendation": str(made.uuid),
        "commune": "05665",
        "state": "qua_han",
    }


@pytest.mark.parametrize(
    "columns", [{"is_active": False}, {"events": [Event.REVIEW_DECIDED]}], ids=["off", "other"]
)
def test_who_does_not_listen_is_owed_nothing(
    form: FormVersion, project: Project, webhook: MakeWebhook, columns: dict[str, object]
) -> None:
    webhook(**columns)

    builders.send(project, instance(BAD))

    assert noted() == []


def test_another_project_hears_nothing(form: FormVersion, webhook: MakeWebhook) -> None:
    webhook()
    elsewhere = Project.objects.create(name="Dự án khác")
    builders.form(elsewhere)

    builders.send(elsewhere, instance(GOOD))

    assert noted() == []


def test_what_is_taken_back_was_never_noted(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        builders.arrive(project, instance(GOOD))
        1 / 0  # noqa: B018

    assert noted() == []


def test_where_nobody_listens_no_submission_costs_a_statement(
    form: FormVersion, project: Project
) -> None:
    with CaptureQueriesContext(connection) as statements:
        builders.send(project, instance(BAD))
        edit(project, {**BAD, "a/a1_plan": "no"})
        edit(project, GOOD, 3)

    about_webhooks = [one["sql"] for one in statements if "hooks_" in one["sql"]]
    # All of them are statements that would be made anyway.
    carriers = ("WITH drawn", "WITH rules", "SELECT set_config", 'SELECT "submissions_submission')
    assert {sql.split("(")[0].strip()[:10] for sql in about_webhooks} == {
        carrier[:10] for carrier in carriers
    }
    assert [sql for sql in about_webhooks if not sql.strip().startswith(carriers)] == []
    assert not Webhook.objects.exists()


def test_what_is_told_holds_neither_answers_nor_names(
    form: FormVersion, project: Project, webhook: MakeWebhook
) -> None:
    webhook(events=[Event.SUBMISSION_CREATED])
    sent = builders.send(project, instance({**GOOD, "h/h_commune": "05665"}))

    said = heard.describe(Delivery.objects.get())

    assert AdminUnit.objects.filter(code="05665").exists()
    assert said == {
        "form": "kt_thu",
        "submission": "uuid:1",
        "commune": "05665",
        "state": "received",
        "createdAt": sent.created_at.isoformat(timespec="seconds"),
        "updatedAt": None,
    }
