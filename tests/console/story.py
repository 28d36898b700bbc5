"""The main job at a desk, step by step, with the means of README.md alone: a browser and a phone.

Played by test_story.py, and by tour.py, which keeps the pictures of docs/tour.md.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import zxingcpp
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Locator, Page, expect

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Story:
    """One person at one page of a browser; `keep` is called where there is something to see."""

    page: Page
    keep: Callable[[Page, str], None]

    def turn_to(self, label: str) -> None:
        """Open a page by the menu."""
        menu = self.page.get_by_role("navigation", name="Các trang")
        menu.get_by_role("link", name=label, exact=True).click()
        expect(menu.locator("[aria-current=page]")).to_have_text(label)
        self.page.wait_for_load_state()

    def publish(self, workbook: bytes, note: str) -> str:
        """Upload a workbook, look at what is new, publish it; return its version."""
        page = self.page
        self.turn_to("Biểu mẫu")
        page.get_by_role("link", name="Tải bảng tính lên").click()
        file = {"name": "bieu.xlsx", "mimeType": XLSX, "buffer": workbook}
        page.locator("#workbook").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name="Kiểm tra").click()
        expect(page.locator(".device-code svg")).to_be_visible()
        page.get_by_role("link", name="Xem thay đổi và phát hành").click()
        page.get_by_role("link", name="Khác gì bản đang dùng").first.click()
        expect(page.locator("ins").first).to_be_visible()
        self.keep(page, "changes")
        page.go_back()
        page.get_by_label("Điều mới trong phiên bản này").fill(note)
        page.get_by_role("button", name="Phát hành cho các máy").click()
        told = page.locator("#told .notice")
        expect(told).to_contain_text("Đã phát hành phiên bản")
        self.keep(page, "published")
        version: str = re.findall(r"phiên bản (\S+)\.", told.inner_text())[0]
        return version

    def hand_out(self, name: str, team: str) -> str:
        """Issue a key; return the address that a phone reads out of the code on the screen."""
        page = self.page
        self.turn_to("Thiết bị")
        page.get_by_role("link", name="Cấp mã mới").click()
        page.get_by_label("Người giữ máy").fill(name)
        page.get_by_label("Đoàn").fill(team)
        page.get_by_role("button", name="Cấp mã").click()
        code = page.get_by_role("img", name=f"Mã QR của {name}")
        expect(code).to_be_visible()
        self.keep(page, "key")
        return scanned(code)

    def open_first(self) -> None:
        """Open the record that arrived last, by keyboard."""
        page = self.page
        self.turn_to("Hồ sơ")
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#dien-bien")).to_be_visible()
        page.wait_for_load_state()

    def return_it(self, reason: str) -> None:
        """Return what is open, by keyboard."""
        page = self.page
        page.keyboard.press("b")
        expect(page.locator(".asking textarea")).to_be_focused()
        page.keyboard.type(reason)
        self.keep(page, "returned")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#told .notice")).to_be_focused()

    def approve_it(self) -> None:
        """Approve what is open, by keyboard."""
        page = self.page
        page.keyboard.press("6")  # what has happened so far, and what the correction changed
        self.keep(page, "corrected")
        page.keyboard.press("d")
        expect(page.locator(".asking textarea")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#told .notice")).to_be_focused()

    def on_map(self, commune: str, form: str = "") -> str:
        """Return what the table beside the map says of a commune."""
        page = self.page
        self.turn_to("Bản đồ")
        if form:
            page.get_by_label("Biểu mẫu", exact=True).select_option(form)
            page.wait_for_load_state("networkidle")
        row = page.locator("table tr", has=page.get_by_role("rowheader", name=commune, exact=True))
        self.keep(page, "map")
        return row.locator("td").first.inner_text().strip()

    def export(self, form: str = "") -> Exported:
        """Download the summary, and tell what stands on the page beside what is in the file."""
        page = self.page
        self.turn_to("Tổng hợp")
        if form:
            page.get_by_label("Biểu mẫu", exact=True).select_option(form)
            page.wait_for_load_state("networkidle")
        self.keep(page, "summary")
        with page.expect_download() as download:
            page.get_by_role("link", name="Excel").click()
        content = download.value.path().read_bytes()  # under a name without .xlsx
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        lines = page.locator(".matrix tbody tr").all()
        return Exported(
            heading=page.locator("#conditions").inner_text(),
            shown=[line.locator("th, td").all_inner_texts()[:3] for line in lines],
            cells=[list(row) for row in sheet.iter_rows(values_only=True)],
        )


@dataclass(frozen=True, slots=True)
class Exported:
    """The summary as it is shown and as it is downloaded."""

    heading: str
    shown: list[list[str]]  # commune, result, number of inspections
    cells: list[list[object]]

    @property
    def told(self) -> list[list[str]]:
        """Return the same three of the rows of communes in the file."""
        return [
            [str(row[2]), str(row[3]), str(row[10])]
            for row in self.cells
            if isinstance(row[0], int)
        ]


def scanned(code: Locator) -> str:
    """Return the server's address in a code, as Collect reads it from a screen."""
    picture = Image.open(io.BytesIO(code.screenshot(caret="initial"))).convert("L")
    found = zxingcpp.read_barcode(picture)
    assert found is not None
    settings = json.loads(zlib.decompress(base64.b64decode(found.text)))
    return str(settings["general"]["server_url"])
