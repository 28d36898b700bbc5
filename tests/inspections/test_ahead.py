"""Which sensitive counts are hidden, worked out before anybody asks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Replace
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.forms.corrections import Correction
from server.forms.models import FormVersion
from server.inspections import ahead, patterns, rescoring, sweep
from server.inspections.models import HiddenCells, Inspection
from server.inspections.summary import published_form
from server.projects.models import Project
from tests import builders
from tests.inspections.test_figures import COUNTED, column, table, told
from tests.inspections.test_figures import project as project


def test_what_a_worker_found_out_ahead_is_what_a_reader_gets(project: Project) -> None:
    told(project, "1", a5_child=2)
    told(project, "2", a5_child=30)
    patterns.hidden.cache_clear()
    before = column(table(project), "cases")

    assert ahead.work_ahead() == 1

    assert column(table(project), "cases") == before
    # Were it not what the worker kept, this would show.
    HiddenCells.objects.exclude(marks="").update(marks=Replace("marks", Value("="), Value("x")))
    patterns.hidden.cache_clear()
    assert column(table(project), "cases")[-1] == "ẩn/=ẩn"
    patterns.hidden.cache_clear()


def test_a_worker_works_out_again_only_what_changed(project: Project) -> None:
    told(project, "1", a5_child=2)
    ahead.work_ahead()
    with CaptureQueriesContext(connection) as asked:
        assert ahead.work_ahead() == 0

    assert not any("inspections_inspection" in one["sql"] for one in asked)

    told(project, "2", a5_child=3)
    told(project, "3", a5_child=4, year=2025)

    # Not while something comes at each look, unless that goes on for long.
    assert [ahead.work_ahead(), ahead.work_ahead(), ahead.work_ahead()] == [0, 2, 0]
    told(project, "4", a5_child=5)
    HiddenCells.objects.update(made_at=timezone.now() - dt.timedelta(minutes=6))
    assert ahead.work_ahead() == 1


def test_a_worker_notices_rules_that_were_corrected_and_what_was_scored_by_them(
    project: Project,
) -> None:
    told(project, "1", a5_child=2)
    form = published_form(project.pk, "kt_thu")
    ahead.work_ahead()
    rescoring.correct(form, Correction("A3", "2"), reason="đọc lại văn bản")
    while_owing = [ahead.work_ahead() for _ in range(3)]
    sweep.pay_debts()

    assert while_owing == [0, 0, 0]
    assert [ahead.work_ahead(), ahead.work_ahead(), ahead.work_ahead()] == [1, 0, 0]


def test_the_communes_are_those_of_the_day_where_the_inspections_are_made(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(project, "1", a5_child=2)
    days: list[dt.date] = []
    before_seven = dt.datetime(2026, 6, 30, 18, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: before_seven)
    monkeypatch.setattr(ahead, "figures", lambda _, asked, *__, **___: days.append(asked.units_on))

    ahead.work_ahead()

    assert days == [dt.date(2026, 7, 1)]


def test_a_form_and_a_year_that_raise_hold_up_no_others(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    told(project, "1", a5_child=2)
    told(project, "2", a5_child=3, year=2025)
    Inspection.objects.filter(year=2026).update(indicators={"cases": "hỏng"})
    broken = builders.form(builders.project("Trước"), COUNTED).form
    FormVersion.objects.filter(form=broken).update(indicators=[{"code": "hỏng"}])

    done = [ahead.work_ahead(), ahead.work_ahead()]

    assert done == [1, 0]
    assert [one.partition(":")[0] for one in caplog.messages if "hidden ahead" in one] == [
        f"form {broken.pk}",
        f"form {published_form(project.pk, 'kt_thu').pk}",
        f"form {broken.pk}",
    ]
    assert "hỏng" not in caplog.text


def test_hidden_cells_of_long_ago_are_forgotten(project: Project) -> None:
    told(project, "1", a5_child=2)
    ahead.work_ahead()
    HiddenCells.objects.update(made_at=timezone.now() - patterns.KEPT_FOR)

    ahead.work_ahead()

    assert set(HiddenCells.objects.values_list("made_at__date", flat=True)) == {
        timezone.now().date()
    }
