"""Make the pictures of docs/tour.md anew: `.venv/bin/python -m tests.console.tour docs/images`.

Starts a server of its own as `make serve` does, fills it as `make demo` does, and plays the story
of test_story.py with the real form of indicator 18.5: some 4 minutes. Each picture has COLOURS
colours and MOST_BYTES bytes at most, else the command fails.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import django
import openpyxl
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from server.inspections.expected import local_day  # noqa: E402
from sync.demo import host  # noqa: E402
from sync.demo.inspections import Inspection, inspections  # noqa: E402
from sync.demo.places import Unit  # noqa: E402
from tests.blobs.s3 import free_port  # noqa: E402
from tests.console.conftest import CHROMIUM, DESK  # noqa: E402
from tests.console.story import Story  # noqa: E402
from tests.demo import world  # noqa: E402
from tests.device import Device  # noqa: E402

PASSWORD = "quyen-so-mau-xanh"
# A name as phones would call it: by 127.0.0.1 the pages warn that no phone gets there.
NAME = "so-xa.example"
FORM = "kt_18_5"
MOST_BYTES = 120_000
COLOURS = 128


def main(folder: Path) -> None:
    """Play the story and put its pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as var:
        settings = {"VAR_DIR": var, "ADMIN_PASSWORD": PASSWORD, "PORT": str(port)}
        with host.started(settings) as server:
            server.manage("demo")
        address = f"http://{NAME}:{port}"
        with host.started({**settings, "PUBLIC_URL": address}) as server, _page(address) as page:
            _play(Story(page, lambda page, name: _keep(page, folder / f"{name}.png")), server.base)


@contextmanager
def _page(address: str) -> Iterator[Page]:
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        page = context.new_page()
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.goto(address)
        page.get_by_label("Địa chỉ thư điện tử").fill("giamsat@soxa.local")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Bảng việc")
        yield page
        browser.close()


def _play(story: Story, base: str) -> None:
    story.keep(story.page, "home")
    version = story.publish(_next_workbook(), "Gợi ý của câu năm số liệu nói rõ ghi năm nào.")
    address = story.hand_out("Chị Lan", "Đoàn số 2")
    phone = Device(re.sub(r"^http://[^/]+", base, address))
    phone.match_exactly()
    first, corrected = _inspected(version)
    _send(phone, first)
    story.open_first()
    _wait_for_small_photos(story.page)
    story.keep(story.page, "record")
    story.return_it("Biên bản chưa ghi là đã ký. Kiểm tra lại rồi gửi lại.")
    _send(phone, corrected)
    story.open_first()
    story.approve_it()
    story.on_map(_unvisited().label, FORM)
    story.export(FORM)


def _wait_for_small_photos(page: Page) -> None:
    for _ in range(60):
        if not page.get_by_text("ảnh nhỏ đang được tạo").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
        page.wait_for_load_state()


def _send(phone: Device, inspection: Inspection) -> None:
    answer = phone.give(inspection.xml, *inspection.files())
    if answer.status != 201:
        raise SystemExit(f"{answer.status}: {answer.message}")


def _next_workbook() -> bytes:
    """Return the form as a designer changes it: one hint, and the next version."""
    book = openpyxl.load_workbook(world.FORMS / FORM / f"{FORM}.xlsx")
    settings, survey = book["settings"], book["survey"]
    column = [cell.value for cell in settings[1]].index("version") + 1
    settings.cell(2, column, str(int(str(settings.cell(2, column).value)) + 1))
    hint = [str(cell.value) for cell in survey[1]].index("hint::Tiếng Việt (vi)") + 1
    row = next(r for r in range(2, survey.max_row + 1) if survey.cell(r, hint).value)
    survey.cell(row, hint, f"{survey.cell(row, hint).value} Không phải năm đi kiểm tra.")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _unvisited() -> Unit:
    """Return a commune of today to which the demonstration sends nobody this year."""
    today = local_day()
    visited = {visit.unit.uid for visit in world.planned() if visit.year == today.year}
    return next(
        unit
        for unit in world.units()
        if unit.type == "xa" and unit.is_in_force(today) and unit.uid not in visited
    )


def _inspected(version: str) -> tuple[Inspection, Inspection]:
    """Return an inspection of it and its correction, as filled in with a version of the form."""
    like = next(v for v in world.planned() if v.is_in_scope and v.outcome == "dat" and v.photos > 1)
    unit, today = _unvisited(), local_day()
    visit = replace(
        like,
        key="tour",
        unit=unit,
        day=today - timedelta(days=1),
        year=today.year,
        period="fy",
        point=(unit.lon, unit.lat),
        is_photo_missing=False,
        is_edited=True,
        is_miscalculated=False,
    )
    old = world.compiled().version
    first, corrected = (
        replace(
            one, xml=one.xml.replace(f'version="{old}"'.encode(), f'version="{version}"'.encode())
        )
        for one in inspections(visit, world.desk())
    )
    return first, corrected


def _keep(page: Page, path: Path) -> None:
    """Keep what stands on the screen, in few colours."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.mouse.move(0, 0)
    shot = Image.open(io.BytesIO(page.screenshot(caret="initial"))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
