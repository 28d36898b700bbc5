"""`manage.py load_boundaries FILE`: real boundaries in place of the schematic ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.communes.load import (
    UNNAMED_SOURCE,
    Examined,
    Wish,
    examine_file,
    replace_coverage,
    require_fit,
)
from server.communes.quality import Defects, Report
from server.errors import Problem

_MOST_LINES = 10  # of one kind in the report


class Command(BaseCommand):
    """Examine a boundary file, report, and replace a coverage whole or change nothing."""

    help = "Nạp ranh giới cấp xã từ GeoJSON, Shapefile (.zip) hoặc GeoPackage."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and what it does not say by itself."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--valid-from", type=dt.date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument(
            "--valid-to", type=dt.date.fromisoformat, help="ngày đầu tiên không còn hiệu lực"
        )
        parser.add_argument("--source", default=UNNAMED_SOURCE, help="dòng nguồn hiện kèm bản đồ")
        parser.add_argument("--crs", help="hệ tọa độ của tệp, ví dụ EPSG:9213")
        parser.add_argument("--code-field", help="cột mã xã, nếu không tự nhận ra")
        parser.add_argument("--dry-run", action="store_true", help="chỉ báo cáo, không ghi")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report, then load unless told not to."""
        wish = Wish(
            valid_from=options["valid_from"],
            valid_to=options["valid_to"],
            source=options["source"],
            crs=options["crs"],
            code_field=options["code_field"],
        )
        try:
            examined = examine_file(options["file"], wish)
            for line in _lines(examined):
                self.stdout.write(line)
            if options["dry_run"]:
                require_fit(examined)
                self.stdout.write("Chạy thử: chưa ghi gì.")
                return
            replace_coverage(examined)
        except Problem as problem:
            raise CommandError(f"{problem.sentence()} [{problem.code}]") from problem
        self.stdout.write(
            f"Đã nạp {len(examined.polygons)} xã, hiệu lực {_days(examined)}. "
            "Chạy `rederive --all` để định vị lại hồ sơ đã có."
        )


def _lines(examined: Examined) -> Iterator[str]:
    """Yield the report, a line a fact."""
    report, step = examined.report, examined.step
    accuracy = "không rõ" if step.accuracy_m is None else f"{step.accuracy_m:g} m"
    yield f"Hệ tọa độ: {step.crs} → WGS 84 ({step.description}; sai số {accuracy})"
    yield f"Bước chuyển hệ dời điểm giữa bản đồ: {step.shift_m:.1f} m"
    if step.is_doubtful:
        yield (
            "CẢNH BÁO: tệp ghi WGS 84 nhưng dùng tham số của VN-2000. Nếu thực ra là VN-2000, "
            "mọi ranh giới sẽ lệch khoảng 224 m: xóa tệp .prj và nêu --crs."
        )
    yield f"Ngày hiệu lực: {_days(examined)}"
    yield f"Đối tượng: {report.features}; danh sách có {report.units} xã"
    yield from _listed("Mã không có trong danh sách", report.unknown)
    yield from _listed("Xã không có ranh giới", report.missing)
    yield from _listed("Mã có nhiều vùng, đã gộp", report.repeated)
    yield from _listed(
        "Tên khác danh sách", [f"{r.code} {r.in_file} ≠ {r.in_list}" for r in report.renamed]
    )
    yield from _listed("Vùng không hợp lệ", [f"{i.code} {i.reason}" for i in report.invalid])
    yield _defects("Khe hở", report.gaps)
    yield _defects("Chồng lấn", report.overlaps)
    yield from _areas(report)


def _days(examined: Examined) -> str:
    """Return "01/12/2024 – 30/06/2025": first and last day."""
    last = examined.valid_to and examined.valid_to - dt.timedelta(days=1)
    return f"{examined.valid_from:%d/%m/%Y} – {f'{last:%d/%m/%Y}' if last else 'nay'}"


def _listed(title: str, items: tuple[str, ...] | list[str]) -> Iterator[str]:
    if items:
        more = f" … (và {len(items) - _MOST_LINES} nữa)" if len(items) > _MOST_LINES else ""
        yield f"{title} ({len(items)}): {'; '.join(items[:_MOST_LINES])}{more}"


def _defects(title: str, defects: Defects | None) -> str:
    if defects is None:
        return f"{title}: chưa đo được vì có vùng không hợp lệ"
    if defects.largest_at is None:
        return f"{title}: 0 m²"
    lon, lat = defects.largest_at
    between = f" giữa {' và '.join(defects.largest_of)}" if defects.largest_of else ""
    return (
        f"{title}: {defects.count} chỗ, {defects.area_m2:.1f} m²; lớn nhất "
        f"{defects.largest_m2:.1f} m²{between} tại {lon:.6f}, {lat:.6f}"
    )


def _areas(report: Report) -> Iterator[str]:
    yield f"Tổng diện tích: {report.total_km2:.2f} km²"
    if report.areas:
        published = sum(area.published_km2 for area in report.areas)
        yield f"Diện tích công bố của {len(report.areas)} xã: {published:.2f} km²; lệch nhiều nhất:"
    for area in report.areas[:_MOST_LINES]:
        yield (
            f"  {area.code}: {area.computed_km2:.2f} km², công bố {area.published_km2:.2f} "
            f"({area.share:+.1%})"
        )
