from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import shapely
from django.core.management import CommandError, call_command

from server.communes.plane import WGS84
from tests.communes.builders import REFORM, commune, coverage

HEADER = "lon,lat,accuracy,date,code,valid_from,status,distance,candidates"


@pytest.fixture(autouse=True)
def map_of_two(db: None) -> None:
    """90001 and, east of 105.9°, 90002; before the reform both were one."""
    west, east = shapely.box(105.8, 21.5, 105.9, 21.6), shapely.box(105.9, 21.5, 106.0, 21.6)
    old = commune("90001", start=None, end=REFORM)
    coverage({old: west.union(east)}, start=dt.date(2020, 1, 1), end=REFORM)
    coverage({commune("90001"): west, commune("90002"): east})


def located(folder: Path, table: str, *, date: dt.date = REFORM) -> str:
    """Locate a table through the command; return what it wrote, byte for byte."""
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_bytes(table.encode())
    call_command("locate", str(source), out=target, date=date)
    return target.read_bytes().decode()


def metres_to_middle(lon: float) -> str:
    return f"{WGS84.inv(lon, 21.55, 105.9, 21.55)[2]:.1f}"


def test_rows_get_their_commune(tmp_path: Path) -> None:
    table = "lon,lat,accuracy,date\n105.94,21.55,5,2026-03-01\n105.86,21.55,,\n"

    assert located(tmp_path, table).splitlines() == [
        HEADER,
        f"105.94,21.55,5,2026-03-01,90002,2025-07-01,inside,{metres_to_middle(105.94)},90002",
        f"105.86,21.55,,,90001,2025-07-01,inside,{metres_to_middle(105.86)},90001",
    ]


def test_each_row_is_located_on_its_own_date(tmp_path: Path) -> None:
    table = (
        "lon,lat,date\n105.94,21.55,2025-06-30\n105.94,21.55,01/07/2025\n105.94,21.55,2019-01-01\n"
    )

    rows = [line.split(",") for line in located(tmp_path, table).splitlines()]

    assert [row[3:6] for row in rows[1:]] == [
        ["90001", "", "inside"],
        ["90002", "2025-07-01", "inside"],
        ["", "", "no_coverage"],
    ]


def test_a_bad_fix_near_the_line_names_both_communes(tmp_path: Path) -> None:
    table = "lon,lat,accuracy\n105.898,21.55,300\n"

    assert (
        located(tmp_path, table)
        .splitlines()[1]
        .endswith(f",90001,2025-07-01,near_border,{metres_to_middle(105.898)},90001 90002")
    )


def test_everything_else_passes_through(tmp_path: Path) -> None:
    table = 'Tên,LAT,Lon,ghi chú\n"Xã, mới",21.55,105.86,"dòng ""một"""\n'

    header, row = located(tmp_path, table).splitlines()

    assert header.startswith("Tên,LAT,Lon,ghi chú,code,")
    assert row.startswith('"Xã, mới",21.55,105.86,"dòng ""một""",90001,')


def test_a_column_whose_name_is_taken_gets_another(tmp_path: Path) -> None:
    table = "code,status,lon,lat\nA,mới,105.86,21.55\n"

    header, row = located(tmp_path, table).splitlines()

    assert header.endswith("lon,lat,located_code,valid_from,located_status,distance,candidates")
    assert row.startswith("A,mới,105.86,21.55,90001,2025-07-01,inside,")


def test_rows_without_a_point_are_kept(tmp_path: Path) -> None:
    table = "lon,lat,date\n,,\nabc,21.5,\n105.86,,\n200,21.5,\nnan,21.5,\n105.86,21.55,hôm qua\n"

    rows = [line.split(",") for line in located(tmp_path, table).splitlines()[1:]]

    assert [row[5] for row in rows] == ["missing", *["invalid"] * 5]
    assert {(row[3], row[4], row[6], row[7]) for row in rows} == {("", "", "", "")}


def test_short_rows_are_filled_up(tmp_path: Path) -> None:
    assert (
        located(tmp_path, "lon,lat,ghi chú\n105.86,21.55\n")
        .splitlines()[1]
        .startswith("105.86,21.55,,90001,")
    )


def test_a_table_from_a_vietnamese_excel_is_read(tmp_path: Path) -> None:
    table = "\ufefflon;lat;tên\r\n105,86;21,55;Đồng Hỷ\r\n"

    written = located(tmp_path, table)

    assert written.startswith("\ufefflon;lat;tên;code;")
    assert written.endswith(";90001\r\n")
    assert "105,86;21,55;Đồng Hỷ;90001;2025-07-01;inside;" in written


def test_without_a_file_to_write_the_rows_go_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_text("lon,lat\n105.86,21.55\n,\n")

    call_command("locate", str(tmp_path / "in.csv"), date=REFORM)

    out, err = capsys.readouterr()
    assert [line.split(",")[4] for line in out.splitlines()] == ["status", "inside", "missing"]
    assert err == "Đã định vị: inside 1, missing 1\n"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (b"x,y\n1,2\n", "points.columns_missing"),
        (b"", "points.columns_missing"),
        (b"lon,lat\n105.8,21.5,4\n", "points.row_too_long"),
        ("lon,lat,tên\n105.8,21.5,Xã\n".encode("utf-16"), "points.unreadable"),
        (b"lon,lat\n105.8,21.5\n\xff\n", "points.unreadable"),
        (b"lon,lat\n" + b"1" * 200_000 + b",2\n", "points.unreadable"),
    ],
)
def test_a_bad_table_is_refused_and_leaves_no_file(tmp_path: Path, table: bytes, code: str) -> None:
    (tmp_path / "in.csv").write_bytes(table)

    with pytest.raises(CommandError, match=code):
        call_command("locate", str(tmp_path / "in.csv"), out=tmp_path / "out.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_table_larger_than_a_batch_comes_out_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.communes.locate_table._BATCH", 10)
    rows = [f"{105.81 + n / 1000},21.55,{n}" for n in range(95)]

    lines = located(tmp_path, "\n".join(["lon,lat,n", *rows]) + "\n").splitlines()

    assert [line.rsplit(",", 5)[0] for line in lines[1:]] == rows
