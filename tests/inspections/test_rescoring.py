"""A threshold is corrected: stored answers are scored again, and what they were is kept."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from server.communes.models import AdminUnit
from server.forms.corrections import Correction
from server.forms.models import FormVersion, RuleVersion
from server.forms.rule_problems import ConditionUnknown
from server.inspections import derive, reading, rescoring, summary, sweep
from server.inspections.derive import Outcome
from server.inspections.models import Finding, FindingHistory, Flag, Inspection
from server.inspections.problems import WordsPersonal
from server.projects.models import AuditEntry, Project
from server.submissions.models import Submission
from tests import builders
from tests.builders import GOOD

# A3 asks for one woman among the key leaders; the correction asks for two.
ASKS_TWO = Correction("A3", "2")


@pytest.fixture
def form(project: Project) -> FormVersion:
    return builders.form(project)


@pytest.fixture
def three(project: Project, form: FormVersion, dong: AdminUnit) -> None:
    """One, two and three women; the phone showed «dat» to each by the rules of its form."""
    shown = {"a/f_a1": "dat", "a/f_a3": "dat", "a/f_a5": "dat", "z_result": "dat"}
    for women in ("1", "2", "3"):
        answers = {**GOOD, **shown, "a/a3_key_f": women, "h/h_commune": "05665"}
        builders.send(project, builders.instance(answers, instance_id=f"uuid:{women}"))


def correct(form: FormVersion, correction: Correction = ASKS_TWO) -> rescoring.Corrected:
    return rescoring.correct(form.form, correction, reason="QĐ 757, mục 18.5")


def statuses(condition: str = "A3") -> list[str]:
    findings = Finding.objects.filter(condition=condition)
    return list(findings.order_by("inspection").values_list("status", flat=True))


def rederive() -> Outcome:
    return sum(sweep.rederive(Submission.objects.all()), Outcome())


def number_of(inspection: Inspection) -> int:
    assert inspection.rule_version is not None
    return inspection.rule_version.number


def test_an_inspection_says_which_rules_scored_it(three: None) -> None:
    assert {number_of(inspection) for inspection in Inspection.objects.all()} == {1}


def test_stored_answers_are_scored_again_by_the_corrected_rule(
    form: FormVersion, three: None
) -> None:
    assert statuses() == ["dat", "dat", "dat"]

    corrected = correct(form)

    assert (corrected.submissions, Submission.objects.owed().count()) == (3, 3)
    assert sweep.pay_debts() == Outcome(derived=3, changed=3, rescored=1)
    assert statuses() == ["khong_dat", "dat", "dat"]
    assert list(Inspection.objects.order_by("pk").values_list("result", flat=True)) == [
        "khong_dat",
        "dat",
        "dat",
    ]
    assert {number_of(inspection) for inspection in Inspection.objects.all()} == {2}


def test_the_earlier_outcome_is_kept_with_the_rules_that_gave_it(
    form: FormVersion, three: None
) -> None:
    correct(form)
    sweep.pay_debts()

    kept = FindingHistory.objects.get()
    assert kept.rule_version is not None
    assert (kept.condition, kept.status, kept.value, kept.rule_version.number) == (
        "A3",
        "dat",
        1.0,
        1,
    )
    assert kept.inspection.submission.instance_id == "uuid:1"
    assert timezone.now() - kept.replaced_at < dt.timedelta(minutes=1)


def test_the_same_again_changes_nothing(form: FormVersion, three: None) -> None:
    correct(form)
    sweep.pay_debts()
    before = list(Finding.objects.order_by("pk").values())

    assert rederive() == Outcome(derived=3)

    assert list(Finding.objects.order_by("pk").values()) == before
    assert FindingHistory.objects.count() == 1


def test_an_edit_under_the_same_rules_leaves_no_history(
    project: Project, form: FormVersion, three: None
) -> None:
    worse = {**GOOD, "a/a3_key_f": "0"}
    edit = builders.instance(worse, instance_id="uuid:edit", deprecated_id="uuid:1")

    builders.send(project, edit)

    assert statuses() == ["khong_dat", "dat", "dat"]
    assert not FindingHistory.objects.exists()


def test_a_correction_that_is_corrected_keeps_both_earlier_outcomes(
    form: FormVersion, three: None
) -> None:
    correct(form)
    sweep.pay_debts()

    correct(form, Correction("A3", "1"))
    outcome = sweep.pay_debts()

    assert (outcome.rescored, statuses()) == (1, ["dat", "dat", "dat"])
    kept = FindingHistory.objects.values_list("status", "rule_version__number")
    assert list(kept) == [("dat", 1), ("khong_dat", 2)]


def test_what_a_phone_shows_by_the_rules_of_its_form_is_no_reason_to_look_twice(
    form: FormVersion, three: None
) -> None:
    correct(form)
    sweep.pay_debts()

    # Each showed «dat» for A3, which is khong_dat now for the first; that was right by its form.
    assert statuses() == ["khong_dat", "dat", "dat"]
    assert not Flag.objects.filter(code="result_differs").exists()


def test_what_a_phone_shows_against_the_rules_of_its_form_still_is(
    project: Project, form: FormVersion
) -> None:
    shown = {**GOOD, "a/f_a3": "khong_dat", "z_result": "dat"}
    builders.send(project, builders.instance(shown))
    correct(form)

    sweep.pay_debts()

    # By now khong_dat is the outcome, but not by the rules that the phone had.
    assert statuses() == ["khong_dat"]
    flag = Flag.objects.get(code="result_differs")
    assert flag.details == {"conditions": ["A3"], "result": False}


def test_what_arrives_after_a_correction_is_scored_by_it(
    project: Project, form: FormVersion, three: None
) -> None:
    correct(form)

    builders.send(project, builders.instance(GOOD, instance_id="uuid:later"))

    # This process scored by the first rules a moment ago, and asked nobody since.
    assert reading.edition_last_seen(form.pk) == 1
    later = Inspection.objects.get(submission__instance_id="uuid:later")
    assert (number_of(later), later.result) == (2, "khong_dat")
    assert later.submission.derive_owed_at is None


def test_what_is_derived_under_the_old_rules_does_not_pay_the_debt_of_the_new(
    project: Project, form: FormVersion
) -> None:
    receipt = builders.arrive(project, builders.instance(GOOD))  # and the server is slow
    reading.edition_last_seen(form.pk)
    correct(form)

    derive.arrived(receipt)
    sweep.pay_debts()

    assert number_of(Inspection.objects.get()) == 2
    assert statuses() == ["khong_dat"]


def test_a_verified_rule_changes_no_outcome_and_leaves_no_history(
    form: FormVersion, three: None
) -> None:
    correct(form, Correction("A3", is_verified=True))

    outcome = sweep.pay_debts()

    assert (outcome.changed, outcome.rescored) == (3, 0)
    assert set(Finding.objects.filter(condition="A3").values_list("is_verified", flat=True)) == {
        True
    }
    assert not FindingHistory.objects.exists()


def test_a_correction_that_cannot_be_made_owes_nothing(form: FormVersion, three: None) -> None:
    with pytest.raises(ConditionUnknown):
        correct(form, Correction("B9", "2"))

    assert not Submission.objects.owed().exists()


def test_a_correction_whose_reason_may_name_somebody_is_made_only_when_it_is_confirmed(
    form: FormVersion, three: None
) -> None:
    reason = "Theo chị Nguyễn Thị Hoa, 0912 345 678."

    with pytest.raises(WordsPersonal):
        rescoring.correct(form.form, ASKS_TWO, reason=reason)

    assert not Submission.objects.owed().exists()
    assert rescoring.correct(form.form, ASKS_TWO, reason=reason, is_confirmed=True).submissions == 3


def test_other_forms_are_left_alone(project: Project, form: FormVersion, three: None) -> None:
    builders.form(project, builders.FORM.replace("kt_thu ", "kt_hai "))
    builders.send(project, builders.instance(GOOD, form_id="kt_hai", instance_id="uuid:other"))

    assert correct(form).submissions == 3
    assert sweep.pay_debts().derived == 3


def run(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command("correct_rule", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_says_how_many_outcomes_changed(
    project: Project, form: FormVersion, three: None
) -> None:
    author = builders.member(project)

    said = run("kt_thu", "A3", threshold="2", reason="QĐ 757", by=author.email, project=project.pk)

    assert said.splitlines() == [
        "Quy tắc mới số 2; 3 hồ sơ cần chấm lại.",
        "Đã tính lại 3 hồ sơ, 3 thay đổi, 0 lỗi. 1 kết luận đổi theo quy tắc mới; "
        "kết luận cũ vẫn được giữ.",
    ]
    assert RuleVersion.objects.get(number=2).made_by == author
    entry = AuditEntry.objects.get(action="form.rules.correct")
    assert (entry.actor_id, entry.details) == (author.pk, {"condition": "A3", "rules": [2]})


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("kt_thu", "A3"), {"threshold": "2"}),  # why?
        (("kt_thu", "A3"), {"threshold": "hai", "reason": "x"}),
        (("kt_thu", "A9"), {"threshold": "2", "reason": "x"}),
        (("kt_khac", "A3"), {"threshold": "2", "reason": "x"}),
        (("kt_thu", "A3"), {"threshold": "2", "reason": "x", "by": "khong@co.vn"}),
        (("kt_thu", "A3"), {"threshold": "1", "reason": "x"}),  # as it is
    ],
)
def test_the_command_says_what_is_wrong_and_changes_nothing(
    project: Project, three: None, arguments: tuple[str, ...], options: dict[str, str]
) -> None:
    with pytest.raises(CommandError):
        run(*arguments, project=project.pk, **options)

    assert RuleVersion.objects.count() == 1
    assert not Submission.objects.owed().exists()


def test_the_summary_tells_of_rules_as_they_are_in_force(form: FormVersion, three: None) -> None:
    correct(form, Correction("A3", is_verified=True))

    told = summary.summarise(
        summary.published_form(form.form.project_id, "kt_thu"),
        year=2026,
        period="h1",
        on_date=dt.date(2026, 1, 1),
    )

    assert [c.code for c in told.conditions if c.is_verified] == ["A3", "A5"]
