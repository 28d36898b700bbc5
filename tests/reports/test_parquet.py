"""Records as Parquet: typed, with nothing lost of what is not of its type."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from array import array
from typing import Any

import pytest
from arro3.io import read_parquet

from server.forms.models import Form
from server.reports import deidentified, parquet, records, verified
from server.reports.central_csv import Options, Tables
from server.reports.leases import LeaseLost
from server.reports.records import Beat, Watched
from server.submissions.models import Submission
from tests import builders
from tests.builders import send

FORM = """
| survey   | type                    | name  | label::Tiếng Việt (vi) | sensitivity |
|          | begin_group             | g     | Chung                  |             |
|          | date                    | day   | Ngày                   | public      |
|          | integer                 | women | Số nữ                  | public      |
|          | decimal                 | share | Tỷ lệ                  | public      |
|          | text                    | note  | Nhận xét               | restricted  |
|          | end_group               |       |                        |             |
|          | dateTime                | at    | Lúc                    | public      |
|          | geopoint                | place | Tọa độ                 | internal    |
|          | begin_repeat            | kid   | Trẻ                    |             |
|          | integer                 | age   | Tuổi                   | internal    |
|          | end_repeat              |       |                        |             |
| settings | form_id | form_title | version | default_language |
|          | nguoi   | Người      | 1       | Tiếng Việt (vi)  |
"""
FILLED = """<data id='nguoi' version='1'><g><day>2026-05-20</day><women>{women}</women>
<share>62.5</share><note>Đồng ý</note></g><at>2026-05-20T23:30:00.000+07:00</at>
<place>21.5 105.8 0 4.5</place><kid><age>7</age></kid><kid><age>chín</age></kid>
<meta><instanceID>uuid:{women}</instanceID></meta></data>"""


@pytest.fixture
def form(db: None) -> Form:
    project = builders.project()
    version = builders.form(project, FORM)
    for women in ("-12", "9" * 30):
        send(project, FILLED.format(women=women).encode())
    return version.form


def tables(form: Form, hidden: Any = None, keys: Any = None) -> dict[str, list[dict[str, Any]]]:
    chosen = records.chosen(Submission.objects.filter(form=form)) if keys is None else keys
    content = b"".join(parquet.archive(Tables(form, Options(), hidden), chosen))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(
                read_parquet(io.BytesIO(archive.read(name)))
                .read_all()
                .to_struct_array()
                .to_pylist()
            )
            for name in archive.namelist()
        }


def test_answers_have_the_types_of_their_questions(form: Form) -> None:
    row = tables(form)["nguoi.parquet"][1]

    assert (row["g-day"], row["g-women"], row["g-share"]) == (dt.date(2026, 5, 20), -12, 62.5)
    assert row["at"] == dt.datetime(2026, 5, 20, 16, 30, tzinfo=dt.UTC)
    assert (row["place-Latitude"], row["place-Accuracy"]) == (21.5, 4.5)
    assert (row["g-note"], row["KEY"], row["__unread"]) == ("Đồng ý", "uuid:-12", None)
    assert row["__submissionDate"].tzinfo is not None


def test_what_is_not_of_its_type_is_kept_as_it_was(form: Form) -> None:
    found = tables(form)

    assert found["nguoi.parquet"][0]["g-women"] is None
    assert found["nguoi.parquet"][0]["__unread"] == f'{{"g-women": "{"9" * 30}"}}'
    assert [row["age"] for row in found["nguoi-kid.parquet"]] == [7, None, 7, None]
    assert found["nguoi-kid.parquet"][1]["__unread"] == '{"age": "chín"}'


def test_a_form_without_records_is_columns(form: Form) -> None:
    content = b"".join(parquet.archive(Tables(form, Options()), array("q")))

    assert parquet.rows(io.BytesIO(content)) == {"nguoi.parquet": 0, "nguoi-kid.parquet": 0}


def test_a_deidentified_table_has_months_and_no_keys(form: Form) -> None:
    hidden = deidentified.prepare(form, records.chosen(Submission.objects.all()))

    row = tables(form, hidden, hidden.keys)["nguoi.parquet"][0]

    assert row["g-day"] == "2026-05"
    assert "g-note" not in row
    assert row["KEY"].startswith("ho-so-")
    assert len(row["__submissionDate"]) == len("2026-05")


def test_what_stops_the_writing_is_told_as_it_was_raised(form: Form) -> None:
    class Stopped(Exception):
        pass

    def stop(_: int) -> None:
        raise Stopped

    keys = Watched(records.chosen(Submission.objects.all()), stop)

    with pytest.raises(Stopped):
        tables(form, keys=keys)


def test_a_table_that_cannot_be_read_again_is_broken() -> None:
    # The library panics over it, which no `except Exception` hears of.
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("nguoi.parquet", b"PAR1 cut off")

    with pytest.raises(verified.Broken, match=r"nguoi\.parquet"):
        parquet.rows(out)


def test_of_a_filter_that_nothing_can_meet_no_record_is_chosen() -> None:
    assert not records.chosen(Submission.objects.filter(pk__in=[]))


def test_who_waits_no_more_is_heard_also_while_repeats_are_written_and_read(form: Form) -> None:
    keys = records.chosen(Submission.objects.filter(form=form))
    content = io.BytesIO(b"".join(parquet.archive(Tables(form, Options()), keys)))

    def given_up_after(beats: int) -> Beat:
        left = iter(range(beats))

        def beat() -> None:
            if next(left, None) is None:
                raise LeaseLost

        return beat

    with pytest.raises(LeaseLost):
        list(parquet.archive(Tables(form, Options()), keys, given_up_after(1)))
    with pytest.raises(LeaseLost):
        parquet.rows(content, given_up_after(1))
