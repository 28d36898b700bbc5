"""Rule versions: made by publishing, and by correcting a threshold that the law says otherwise."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from server.forms import criteria_sets, findings, rules, sandbox, validate
from server.forms.compile import compile_workbook
from server.forms.corrections import Correction
from server.forms.findings import Conditions, Threshold
from server.forms.models import Form, FormVersion, RuleVersion
from server.forms.problems import WorkbookRefused
from server.forms.publish import publish
from server.forms.rule_problems import (
    ConditionUnknown,
    CorrectionUndone,
    NothingCorrected,
    ReasonMissing,
    ThresholdUnreadable,
)
from server.projects.models import Project
from tests import builders
from tests.forms.tables import (
    ENGLISH,
    FINDINGS,
    FINDINGS_HEADER,
    LABEL,
    SURVEY,
    Table,
    form,
    version,
)

pytestmark = pytest.mark.django_db

SURVEY_WITH_FIGURES: Table = (
    *SURVEY,
    ("integer", "got", "Được vay"),
    ("integer", "need", "Cần vay"),
    ("date", "day", "Ngày gửi"),
    ("calculate", "f_a4"),
    ("calculate", "f_c7"),
    ("calculate", "f_m2"),
    ("calculate", "h_criteria_set", None, "'NTM-2021-2025'"),
)


def condition(code: str, rule: str, value: str, **cells: object) -> tuple[object, ...]:
    row = {"code": code, LABEL: code, ENGLISH: code, "rule": rule, "value": value, **cells}
    return tuple(row.get(header) for header in FINDINGS_HEADER)


def judged(threshold: object = 100) -> Table:
    """Return a findings sheet: A4 has one threshold, C7 a deadline, M2 two thresholds."""
    return (
        *FINDINGS,
        condition("A4", "ratio", "got", of="need", threshold=threshold, evidence="plan_ev"),
        condition("C7", "deadline", "day", threshold=610),
        condition("M2", "min", "got", threshold=3, evidence="plan_ev"),
        condition(
            "M2", "min", "need", **{LABEL: None, ENGLISH: None}, threshold=5, evidence="plan_ev"
        ),
    )


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)
    criteria_sets.load(criteria_sets.seeded())
    return builders.project()


def publish_judged(
    project: Project,
    number: str = "1",
    threshold: object = 100,
    survey: Table = SURVEY_WITH_FIGURES,
) -> FormVersion:
    return publish(project, form(survey, settings=version(number), findings=judged(threshold)))


def correct(of: Form, correction: Correction, reason: str = "QĐ 757 điều 3") -> list[RuleVersion]:
    with transaction.atomic():
        return rules.correct(of, correction, reason=reason)


def scored_by(form_version: FormVersion) -> Conditions:
    form_version.refresh_from_db()
    assert form_version.rule_version is not None
    return findings.load(form_version.rule_version.conditions)


def threshold(conditions: Conditions, code: str, rule: int = 0) -> Threshold | None:
    (found,) = (c for c in conditions.conditions if c.code == code)
    return found.rules[rule].threshold


def test_the_first_publication_makes_the_first_rules_under_their_book(project: Project) -> None:
    published = publish_judged(project)

    made = RuleVersion.objects.get()
    assert (made.number, made.made_for, made.corrects, made.note) == (1, "1", None, "")
    assert made.criteria_set is not None
    assert made.criteria_set.code == "NTM-2021-2025"
    assert published.rule_version == made
    assert findings.load(made.conditions) == findings.load(published.conditions)


def test_a_new_version_has_new_rules_only_when_its_conditions_are_new(project: Project) -> None:
    first = publish_judged(project)
    same = publish_judged(project, "2", survey=(*SURVEY_WITH_FIGURES, ("text", "x", "X")))
    other = publish_judged(project, "3", threshold=90)

    assert first.rule_version == same.rule_version
    assert [made.number for made in RuleVersion.objects.order_by("number")] == [1, 2]
    assert other.rule_version_id != first.rule_version_id


def test_a_book_that_nobody_knows_is_warned_of(project: Project) -> None:
    known = publish_judged(project)
    made_up = (*SURVEY_WITH_FIGURES[:-1], ("calculate", "h_criteria_set", None, "'NTM-2099'"))
    unknown = publish_judged(project, "2", survey=made_up)

    assert known.warnings == [validate.SKIPPED]
    assert "NTM-2099" in unknown.warnings[1]


def test_a_form_that_judges_nothing_has_no_rules(project: Project) -> None:
    published = publish(project, form((SURVEY[0], ("text", "x", "X")), findings=(("code",),)))

    assert published.rule_version is None


def test_a_corrected_threshold_makes_new_rules_for_every_version_that_has_it(
    project: Project,
) -> None:
    first = publish_judged(project)
    second = publish_judged(project, "2", survey=(*SURVEY_WITH_FIGURES, ("text", "x", "X")))

    (made,) = correct(first.form, Correction("A4", "90; h1=45"))

    assert scored_by(first) == scored_by(second) == findings.load(made.conditions)
    assert threshold(scored_by(first), "A4") == Threshold(90.0, {"h1": 45.0})
    assert made.corrects is not None
    assert (made.number, made.corrects.number, made.note) == (2, 1, "QĐ 757 điều 3")
    assert made.correction == {
        "condition": "A4",
        "rule": 1,
        "threshold": ["100", "90; h1=45"],
        "is_verified": None,
    }


def test_what_phones_calculate_stays_as_it_was_published(project: Project) -> None:
    published = publish_judged(project)

    correct(published.form, Correction("A4", "90"))

    published.refresh_from_db()
    assert threshold(findings.load(published.conditions), "A4") == Threshold(100.0)


def test_versions_that_differ_elsewhere_each_get_rules_of_their_own(project: Project) -> None:
    first = publish_judged(project)
    more = (*SURVEY_WITH_FIGURES, ("calculate", "f_z1"))
    rows = (*judged(), condition("Z1", "shown", "got"))
    second = publish(project, form(more, settings=version("2"), findings=rows))

    made = correct(first.form, Correction("A4", "90"))

    assert [(m.number, m.corrects.number if m.corrects else 0) for m in made] == [(3, 1), (4, 2)]
    assert len(scored_by(first).conditions) + 1 == len(scored_by(second).conditions)
    assert threshold(scored_by(second), "A4") == Threshold(90.0)


def test_a_condition_can_be_marked_as_verified_without_a_new_form(project: Project) -> None:
    published = publish_judged(project)

    (made,) = correct(published.form, Correction("A4", is_verified=True))

    verified = [c.code for c in findings.load(made.conditions).conditions if c.is_verified]
    assert verified == ["A4"]
    assert made.correction["threshold"] == []


def test_one_of_several_thresholds_is_chosen_by_its_number(project: Project) -> None:
    published = publish_judged(project)
    with pytest.raises(ThresholdUnreadable, match="1, 2"):
        correct(published.form, Correction("M2", "4"))

    correct(published.form, Correction("M2", "4", rule=2))

    assert threshold(scored_by(published), "M2") == Threshold(3.0)
    assert threshold(scored_by(published), "M2", 1) == Threshold(4.0)


@pytest.mark.parametrize(
    ("correction", "problem"),
    [
        (Correction("A9", "90"), ConditionUnknown),
        (Correction("A4", "chín mươi"), ThresholdUnreadable),
        (Correction("A4", "90,5"), ThresholdUnreadable),
        (Correction("A4", "-1"), ThresholdUnreadable),
        (Correction("A1", "90"), ThresholdUnreadable),  # a yes or no has no threshold
        (Correction("C7", "1310"), ThresholdUnreadable),
        (Correction("C7", "610; h1=510"), ThresholdUnreadable),
        (Correction("A4", "100"), NothingCorrected),
        (Correction("A4", is_verified=False), NothingCorrected),
        (Correction("A4"), NothingCorrected),
    ],
)
def test_a_correction_that_cannot_be_made_changes_nothing(
    project: Project, correction: Correction, problem: type[Exception]
) -> None:
    published = publish_judged(project)

    with pytest.raises(problem):
        correct(published.form, correction)

    assert RuleVersion.objects.count() == 1
    assert threshold(scored_by(published), "A4") == Threshold(100.0)


def test_a_correction_without_a_reason_is_refused_also_by_the_table(project: Project) -> None:
    published = publish_judged(project)

    with pytest.raises(ReasonMissing):
        correct(published.form, Correction("A4", "90"), reason="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.create(
            form=published.form, number=9, conditions={}, corrects=published.rule_version
        )


def test_a_workbook_with_the_old_threshold_does_not_undo_a_correction(project: Project) -> None:
    first = publish_judged(project)
    correct(first.form, Correction("A4", "90"))

    with pytest.raises(WorkbookRefused) as refused:
        publish_judged(project, "2", survey=(*SURVEY_WITH_FIGURES, ("text", "x", "X")))

    (complaint,) = refused.value.complaints
    assert isinstance(complaint, CorrectionUndone)
    assert (complaint.details["condition"], complaint.details["new"]) == ("A4", "90")
    assert "QĐ 757 điều 3" in complaint.sentence()


def test_a_workbook_does_not_undo_that_somebody_has_read_the_law(project: Project) -> None:
    first = publish_judged(project)
    correct(first.form, Correction("A4", is_verified=True), "Đã đối chiếu QĐ 757")
    more = (*SURVEY_WITH_FIGURES, ("integer", "x", "X"))

    with pytest.raises(WorkbookRefused) as refused:
        publish_judged(project, "2", survey=more)
    read = tuple((*row[:-1], "yes") if row[0] == "A4" else row for row in judged())
    second = publish(project, form(more, settings=version("2"), findings=read))

    (complaint,) = refused.value.complaints
    assert (complaint.details["header"], complaint.details["new"]) == ("verified", "yes")
    assert [c.code for c in scored_by(second).conditions if c.is_verified] == ["A4"]


def test_a_workbook_with_the_corrected_threshold_is_scored_by_the_corrected_rules(
    project: Project,
) -> None:
    first = publish_judged(project)
    (made,) = correct(first.form, Correction("A4", "90"))

    second = publish_judged(project, "2", threshold=90)

    assert second.rule_version == made


def test_no_threshold_of_the_past_comes_back_by_itself(project: Project) -> None:
    first = publish_judged(project)
    correct(first.form, Correction("A4", "90"))
    correct(first.form, Correction("A4", "80"))

    with pytest.raises(WorkbookRefused):
        publish_judged(
            project, "2", threshold=100, survey=(*SURVEY_WITH_FIGURES, ("text", "x", "X"))
        )
    correct(first.form, Correction("A4", "100"), "trở lại")

    assert publish_judged(project, "2", survey=(*SURVEY_WITH_FIGURES, ("text", "x", "X"))).pk


def test_a_workbook_may_go_on_to_a_third_threshold(project: Project) -> None:
    correct(publish_judged(project).form, Correction("A4", "90"))

    third = publish_judged(project, "2", threshold=80)

    assert threshold(scored_by(third), "A4") == Threshold(80.0)
