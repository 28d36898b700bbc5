"""Cards on paper, read back from the painted page by a decoder that knows nothing of ours."""

from __future__ import annotations

import base64
import io
import json
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.core.management import CommandError, call_command

from server.projects import accounts, qr
from server.projects.cards import Card, pdf
from server.projects.models import AppUser, Project
from sync.addresses import Addresses
from tests.device import Device

DOTS_PER_INCH = 150  # a cheap printer, seen by a cheap camera


def read_back(content: bytes) -> tuple[list[str], str]:
    """Return what the codes of all pages say, and the text that a search would find."""
    codes, text = [], ""
    for page in pypdfium2.PdfDocument(content):
        picture = page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")
        codes += [found.text for found in zxingcpp.read_barcodes(picture)]
        text += page.get_textpage().get_text_range()
    return codes, text


def general(code: str) -> Mapping[str, Any]:
    settings: Mapping[str, Mapping[str, Any]] = json.loads(zlib.decompress(base64.b64decode(code)))
    return settings["general"]


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_every_card_of_every_page_can_be_scanned() -> None:
    token = "aB!$" * 16
    cards = [
        Card(
            name="Nguyễn Thị Ngọc Ánh " * (number % 4 + 1),
            team="Tổ 2 – Đồng Hỷ, Phú Lương, Võ Nhai, Định Hóa",
            project_name="Kiểm tra công tác bình đẳng giới cấp xã tỉnh Thái Nguyên năm 2026",
            serial=f"{number:04d}-1",
            username=f"u{number}",
            expires_on=None,
            code=qr.text(
                qr.settings_for(
                    Addresses("https://so-xa.example.vn", token, 1).server, "BĐG", f"u{number}"
                )
            ),
        )
        for number in range(9)
    ]

    codes, text = read_back(pdf(cards))

    assert sorted(codes) == sorted(card.code for card in cards)
    assert token not in text
    assert token[:8] not in text
    assert "Nguyễn Thị Ngọc" in text
    assert all(card.serial in text for card in cards)
    assert "Không thời hạn" in text


def test_new_inspectors_of_a_list_get_cards_that_open_the_server(
    base_url: str, project: Project, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes(
        "\ufeffname,team,expires\r\nLường Thị Hà,Tổ 1,2030-12-31\r\n Ma Ưỡng ,,\r\n".encode()
    )
    out = tmp_path / "cards.pdf"
    where = ("--project", f"{project.pk}", "--base-url", base_url)

    said = run("print_cards", "--new", f"{people}", "--out", f"{out}", *where)
    codes, text = read_back(out.read_bytes())

    assert "2 thẻ" in said
    assert [Device(general(code)["server_url"]).forms() for code in codes] == [[], []]
    assert list(AppUser.objects.order_by("pk").values_list("display_name", "team")) == [
        ("Lường Thị Hà", "Tổ 1"),
        ("Ma Ưỡng", ""),
    ]
    assert "Hạn dùng: 31/12/2030" in text
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_printing_again_makes_the_codes_of_before_void(
    base_url: str, project: Project, device: Device, tmp_path: Path
) -> None:
    lan = AppUser.objects.get()
    revoked = accounts.create_app_user(project, "Máy mất").app_user
    accounts.revoke_app_user(revoked.pk)
    out = tmp_path / "cards.pdf"
    where = ("--project", f"{project.pk}", "--base-url", base_url)

    run("print_cards", "--reissue-all", "--out", f"{out}", *where)
    [code], text = read_back(out.read_bytes())

    assert device.fetch("formList").status == 403
    assert Device(general(code)["server_url"]).forms() == []
    assert general(code)["metadata_username"] == lan.username
    assert f"{lan.pk:04d}-2" in text


def test_no_code_dies_when_the_cards_cannot_be_written(
    project: Project, device: Device, tmp_path: Path
) -> None:
    nowhere = f"{tmp_path}/missing/cards.pdf"

    with pytest.raises(CommandError):
        run("print_cards", "--reissue-all", "--out", nowhere, "--project", f"{project.pk}")

    assert device.fetch("formList").status == 200


@pytest.mark.parametrize(
    ("content", "row"),
    [(b"ten\nLan\n", 2), (b"name,expires\nLan,\nMai,31/12/2030\n", 3), (b"name\n\xff\n", 1)],
)
def test_a_list_with_an_error_makes_nobody(
    project: Project, tmp_path: Path, content: bytes, row: int
) -> None:
    (tmp_path / "people.csv").write_bytes(content)
    files = ("--new", f"{tmp_path}/people.csv", "--out", f"{tmp_path}/cards.pdf")

    with pytest.raises(CommandError, match=rf"dòng {row}"):
        run("print_cards", *files, "--project", f"{project.pk}")

    assert AppUser.objects.count() == 0
    assert not (tmp_path / "cards.pdf").exists()
