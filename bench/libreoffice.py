"""Do spreadsheets read what we write? Opens our files in LibreOffice, compares them cell by cell.

    apt-get install -y --no-install-recommends libreoffice-calc-nogui
    python -m bench.libreoffice [RECORDS]

Not part of `make test`, because LibreOffice is larger than everything else together; run it by hand
when a writer changes. Records with everything that spreadsheets are known to spoil are sent through
the intake and exported as XLSX and as CSV with either separator. LibreOffice opens each file, CSV
with the settings of Việt Nam and of the United States, and with «evaluate formulas» on; what it has
understood it saves as flat XML. That is compared with what was sent, not with what we wrote: type,
value and text of every cell. Texts that look like numbers or days, which CSV cannot tell from such,
are counted apart. Prints Markdown, and ends with 1 when anything differs.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from django.core.management import call_command
from lxml import etree

from bench import alone as alone  # first: it sets the settings up
from server.projects.models import Project
from server.reports import people_csv, records, sheets
from server.reports.people_table import Book
from server.submissions.models import ReviewState, Submission
from tests import builders

Cell = str | float | dt.date | dt.datetime | None

FORM = """
| survey   | type                    | name      | label::Tiếng Việt (vi) |
|          | date                    | h_date    | Ngày                   |
|          | text                    | h_commune | Xã                     |
|          | text                    | words     | Lời                    |
|          | integer                 | whole     | Số nguyên              |
|          | decimal                 | part      | Số thập phân           |
|          | select_multiple colours | colour    | Màu                    |
|          | dateTime                | at        | Lúc                    |
|          | geopoint                | place     | Tọa độ                 |
|          | begin_repeat            | person    | Người: phỏng vấn       |
|          | text                    | said      | Đã nói                 |
|          | integer                 | age       | Tuổi                   |
|          | end_repeat              |           |                        |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | colours   | do    | Đỏ                     |
|          | colours   | xanh  | Xanh lá; đậm           |
| settings | form_id | form_title | version | default_language |
|          | o       | Ô          | 1       | Tiếng Việt (vi)  |
"""
PHONE = "+84 912 345 678"  # digits and a sign: nothing that a spreadsheet could run
WORDS = (
    "Xã Đồng Hỷ: đã kiểm tra, không có vướng mắc",
    "Nguye\u0302\u0303n Thi\u0323 Hoa",  # as some phones write it: letters and marks apart
    "ƯỠỢỂẶ ưỡợểặ 🏡 ½ €",
    "=1+1",
    '=HYPERLINK("http://example.org/?"&A1;"bấm")',
    "=cmd|' /C calc'!A0",
    PHONE,
    "-2+3+cmd",
    "@SUM(A1:A9)",
    "＝1+1",
    "00123",
    "1/2",
    "2026-05-20",
    "TRUE",
    "1e5",
    "12.5",
    "12,5",
    "có ; và , và \" và '",
    "dòng một\ndòng hai\n\ndòng bốn",
    "'đã có dấu nháy",
    "   =2+2",
    "#REF!",
    "x" * 5_000,
)
WHOLES = ("0", "-12", "7", "999999999999999", "1234567890123456789", "không rõ", "007")
PARTS = ("0.1", "-62.5", "3", "100.0", "1e3", "12,5", "")
DAYS = ("2026-05-20", "2026-12-31", "2024-02-29", "1900-03-01", "1899-12-31", "")
TIMES = ("2026-05-20T23:30:00.000+07:00", "2026-05-20T17:30:00.000Z", "hôm qua", "")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FIRST_DAY = dt.date(1900, 3, 1)  # before it, spreadsheets count days in two ways
# Texts that every spreadsheet takes for something else in CSV, which has no types. Counted apart.
LOOKS_LIKE = frozenset(
    ("05665", "00123", "1/2", "2026-05-20", "TRUE", "1e5", "12.5", "12,5", "1234567890123456789")
)
_GUARDED = ("=", "+", "-", "@", "＝")
_O = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_P = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one record says."""

    number: int

    def answer(self, values: Sequence[str], step: int = 1) -> str:
        """Return one of some values, another one for each record."""
        return values[self.number * step % len(values)]

    @property
    def said(self) -> list[str]:
        """Return what its people say."""
        return [WORDS[(self.number + n) % len(WORDS)] for n in range(self.number % 3)]

    def xml(self) -> bytes:
        """Return it filled in."""
        people = "".join(
            f"<person><said>{escape(said)}</said><age>{20 + n}</age></person>"
            for n, said in enumerate(self.said)
        )
        return (
            f"<data id='o' version='1'><h_date>{self.answer(DAYS)}</h_date>"
            f"<h_commune>05665</h_commune><words>{escape(self.answer(WORDS))}</words>"
            f"<whole>{self.answer(WHOLES)}</whole><part>{self.answer(PARTS)}</part>"
            f"<colour>do xanh</colour><at>{self.answer(TIMES)}</at>"
            f"<place>21.5{self.number} -105.8 0 4.5</place>{people}"
            f"<meta><instanceID>uuid:{self.number:05d}</instanceID></meta></data>"
        ).encode()


def main() -> None:
    """Send, export, open, compare and print."""
    program = shutil.which("soffice")
    if program is None:
        raise SystemExit("LibreOffice (soffice) is not here; see the head of this module.")
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2 * len(WORDS)
    call_command("migrate", verbosity=0)
    project = builders.project()
    sent = _send(project, many)
    wrong = 0
    print("| file | sheets | cells compared | texts taken for numbers or days | different |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, tables in _opened(program, Path(folder), project).items():
            is_csv = not name.endswith(".xlsx")
            result = _compare(tables, _expected(sent, is_csv=is_csv), is_csv=is_csv)
            wrong += len(result.different)
            print(
                f"| {name} | {len(tables)} | {result.compared} | {result.taken}"
                f" | {len(result.different)} |"
            )
            for line in result.different[:10]:
                print(f"  {line}", file=sys.stderr)
    raise SystemExit(bool(wrong))


def _send(project: Project, many: int) -> dict[str, Sent]:
    builders.form(project, FORM)
    builders.commune("05665", "Xã Đồng Hỷ", since=None)
    for number in range(many):
        builders.send(project, Sent(number).xml())
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return {f"uuid:{number:05d}": Sent(number) for number in range(many)}


# What LibreOffice understands ---------------------------------------------------------------------

Table = list[list[Cell]]


def _opened(program: str, folder: Path, project: Project) -> dict[str, dict[str, Table]]:
    book = Book(project.form_set.get())
    keys = records.chosen(Submission.objects.all())
    (folder / "o.xlsx").write_bytes(b"".join(sheets.workbook(book, keys)))
    found = {"o.xlsx": _understood(program, folder / "o.xlsx", "")}
    # Separator, quotes, UTF-8, from line 1, language, …, detect dates, …, evaluate formulas.
    for separator, language in ((";", 1066), (",", 1033)):
        archive = folder / f"o{ord(separator)}.zip"
        archive.write_bytes(b"".join(people_csv.archive(book, keys, separator)))
        options = f"CSV:{ord(separator)},34,76,1,,{language},false,true,false,false,false,0,true"
        found[f"CSV with {separator}"] = {
            path.stem: next(iter(_understood(program, path, options).values()))
            for path in _unpacked(archive)
        }
    return found


def _unpacked(archive: Path) -> list[Path]:
    target = archive.with_suffix("")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(target)
    return sorted(target.iterdir())


def _understood(program: str, path: Path, options: str) -> dict[str, Table]:
    """Return every sheet of a file as LibreOffice has read it."""
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{path.parent}/profile",
            "--headless",
            *([f"--infilter={options}"] if options else []),
            *("--convert-to", "fods", "--outdir", str(path.parent / "read"), str(path)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    tree = etree.parse(
        str(path.parent / "read" / f"{path.stem}.fods"), etree.XMLParser(huge_tree=True)
    )
    return {str(t.get(f"{_T}name")): _table(t) for t in tree.iter(f"{_T}table")}


def _table(table: etree._Element) -> Table:
    rows: Table = []
    for row in table.iter(f"{_T}table-row"):
        cells: list[Cell] = []
        for cell in row:
            if cell.tag in (f"{_T}table-cell", f"{_T}covered-table-cell"):
                times = int(cell.get(f"{_T}number-columns-repeated", "1"))
                # The sheet's end repeats thousands of times.
                cells += [_cell(cell)] * min(times, 100)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            rows.append(cells)
    return rows


def _cell(cell: etree._Element) -> Cell:
    if cell.get(f"{_T}formula"):
        return f"FORMULA {cell.get(f'{_T}formula')}"
    kind = cell.get(f"{_O}value-type")
    if kind == "date":
        said = str(cell.get(f"{_O}date-value"))
        return dt.datetime.fromisoformat(said) if "T" in said else dt.date.fromisoformat(said)
    if kind in ("float", "percentage", "currency"):
        return float(str(cell.get(f"{_O}value")))
    if kind == "string":
        return "\n".join(_text(part) for part in cell.iterchildren(f"{_P}p"))
    return None if kind is None else f"{kind} {cell.get(f'{_O}boolean-value')}"


def _text(part: etree._Element) -> str:
    """Return the text of a paragraph, with the blanks that flat XML writes as elements."""
    said = part.text or ""
    for child in part:
        if child.tag == f"{_P}s":
            said += " " * int(child.get(f"{_P}c", "1"))
        elif child.tag == f"{_P}tab":
            said += "\t"
        else:
            said += "\n" if child.tag == f"{_P}line-break" else _text(child)
        said += child.tail or ""
    return said


# What was sent -----------------------------------------------------------------------------------


Wanted = Mapping[str, Mapping[str, Sequence[Cell]]]  # cells, by table and key of the row


def _expected(sent: Mapping[str, Sent], *, is_csv: bool) -> Wanted:
    """Return the cells that each row should have, by table and key of the row."""
    came = dict(Submission.objects.values_list("instance_id", "created_at"))
    root: dict[str, Sequence[Cell]] = {}
    people: dict[str, Sequence[Cell]] = {}
    for key, record in sent.items():
        day = _day(record.answer(DAYS), is_csv=is_csv)
        visited = None if record.answer(DAYS) == "" else day
        at = came[key].astimezone(ZONE).replace(tzinfo=None, microsecond=0)
        moment = at.replace(second=0) if is_csv else at
        about = ["Xã Đồng Hỷ", visited, None]
        root[key] = [*about, moment, *_answers(record, day, is_csv=is_csv), key]
        for number, said in enumerate(record.said, start=1):
            own = f"{key}/person[{number}]"
            people[own] = [*about, _words(said, is_csv=is_csv), 19.0 + number, key, key, own]
    return {"Hồ sơ": root, "Người phỏng vấn": people}


def _answers(record: Sent, day: Cell, *, is_csv: bool) -> Iterator[Cell]:
    yield day
    yield "05665"
    yield _words(record.answer(WORDS), is_csv=is_csv)
    yield WHOLE[record.answer(WHOLES)]
    yield PART[record.answer(PARTS)]
    yield "Đỏ; Xanh lá; đậm"
    yield TIME[record.answer(TIMES)]
    yield float(f"21.5{record.number}")
    yield -105.8
    yield 4.5


# By hand: what a person would type for it.
NIGHT = dt.datetime(2026, 5, 20, 23, 30)  # noqa: DTZ001 - as a clock in Việt Nam shows it
WHOLE: Mapping[str, Cell] = {
    **{text: float(text) for text in ("0", "-12", "7", "999999999999999")},
    "1234567890123456789": "1234567890123456789",
    "không rõ": "không rõ",
    "007": 7.0,
}
PART: Mapping[str, Cell] = {
    **{text: float(text) for text in ("0.1", "-62.5", "3", "100.0", "1e3")},
    "12,5": "12,5",
    "": None,
}
TIME: Mapping[str, Cell] = {
    "2026-05-20T23:30:00.000+07:00": NIGHT,
    "2026-05-20T17:30:00.000Z": dt.datetime(2026, 5, 21, 0, 30),  # noqa: DTZ001
    "hôm qua": "hôm qua",
    "": None,
}


def _words(text: str, *, is_csv: bool) -> Cell:
    said = text.strip()
    return f"'{said}" if is_csv and said.startswith(_GUARDED) and said != PHONE else said


def _day(text: str, *, is_csv: bool) -> Cell:
    if not text:
        return None
    day = dt.date.fromisoformat(text)
    return day if is_csv or day >= _FIRST_DAY else text


@dataclass(slots=True)
class Result:
    """What the comparison of one file found."""

    compared: int = 0
    taken: int = 0
    different: list[str] = field(default_factory=list)


def _compare(tables: Mapping[str, Table], expected: Wanted, *, is_csv: bool) -> Result:
    """Return how many cells were compared, and what is different."""
    result = Result()
    for name, rows in expected.items():
        found = {str(cells[-1]): cells for cells in _named(tables, name)[1:]}
        if set(found) != set(rows):
            result.different.append(f"{name}: rows {set(found) ^ set(rows)}")
        for key, cells in rows.items():
            seen = found.get(key, [])
            # Of the records' table: without the columns that this form leaves empty or constant.
            seen = [*seen[:3], *seen[8:]] if name == "Hồ sơ" else seen
            if len(seen) != len(cells):
                result.different.append(f"{name} {key}: {len(seen)} cells, not {len(cells)}")
            for at, (cell, wanted) in enumerate(zip(seen, cells, strict=False)):
                result.compared += 1
                if _is_same(cell, wanted):
                    continue
                if is_csv and wanted in LOOKS_LIKE:
                    result.taken += 1
                else:
                    result.different.append(f"{name} {key} [{at}]: {cell!r}, not {wanted!r}")
    return result


def _named(tables: Mapping[str, Table], name: str) -> Table:
    return next(t for found, t in tables.items() if found.replace("_", "").replace(":", "") == name)


def _is_same(cell: Cell, wanted: Cell) -> bool:
    if isinstance(wanted, dt.datetime) and isinstance(cell, dt.datetime):
        return abs(cell - wanted) < dt.timedelta(seconds=1)  # a spreadsheet's days are fractions
    return cell == wanted and type(cell) is type(wanted)


if __name__ == "__main__":
    main()
