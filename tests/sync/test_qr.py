"""The settings code, read back by a decoder that knows nothing of ours."""

from __future__ import annotations

import base64
import io
import json
import zlib

import jsonschema
import pytest
import segno
import zxingcpp
from PIL import Image

from server.projects import qr

URL = "https://so-xa.example.vn/v1/key/" + "aB!$" * 16 + "/projects/1"

# The types of Collect's client-settings.schema.json for the keys that we set (openrosa.md §5.4):
# a wrong one makes it refuse the whole code.
COLLECTS_SCHEMA = {
    "type": "object",
    "required": ["general", "admin"],
    "properties": {
        "general": {
            "type": "object",
            "properties": {
                "server_url": {"type": "string"},
                "app_language": {"type": "string"},
                "form_update_mode": {"enum": ["manual", "previously_downloaded", "match_exactly"]},
                "autosend": {"enum": ["off", "wifi_only", "cellular_only", "wifi_and_cellular"]},
                "delete_send": {"type": "boolean"},
                "analytics": {"type": "boolean"},
                "metadata_username": {"type": "string"},
            },
            "additionalProperties": False,
        },
        "admin": {"type": "object"},
        "project": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "icon": {"type": "string", "maxLength": 1},
                "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
            },
            "additionalProperties": False,
        },
    },
}


def code() -> str:
    return qr.text(qr.settings_for(URL, "Bình đẳng giới", "u12"))


def unpacked(text: str) -> dict[str, dict[str, object]]:
    settings: dict[str, dict[str, object]] = json.loads(zlib.decompress(base64.b64decode(text)))
    return settings


def test_the_code_unpacks_to_the_settings() -> None:
    settings = unpacked(code())

    assert settings["general"]["server_url"] == URL
    assert settings["general"]["metadata_username"] == "u12"
    assert settings["project"]["name"] == "Bình đẳng giới"


@pytest.mark.row("AU17", "AU18")
def test_the_settings_have_the_types_that_collect_insists_on() -> None:
    jsonschema.validate(unpacked(code()), COLLECTS_SCHEMA)


@pytest.mark.row("AU20")
def test_the_settings_of_a_project_without_a_name_are_valid_too() -> None:
    jsonschema.validate(unpacked(qr.text(qr.settings_for(URL, "", "u1"))), COLLECTS_SCHEMA)


def test_a_sent_form_leaves_the_phone() -> None:
    assert unpacked(code())["general"]["delete_send"] is True


@pytest.mark.row("AU21")
def test_the_code_is_far_below_collects_limit() -> None:
    assert len(code()) < 1000  # of 4000


def test_another_decoder_reads_the_picture() -> None:
    picture = io.BytesIO()
    segno.make(code(), error="l", micro=False).save(picture, kind="png", scale=3, border=4)

    found = zxingcpp.read_barcode(Image.open(picture).convert("L"))

    assert found is not None
    assert found.text == code()


def test_another_decoder_reads_the_terminal() -> None:
    picture = painted(qr.terminal(code()))

    found = zxingcpp.read_barcode(picture)

    assert found is not None
    assert found.text == code()


def painted(drawing: str) -> Image.Image:
    """Paint half blocks as a dark terminal shows them, 4 pixels a module."""
    halves = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
    lines = drawing.splitlines()
    image = Image.new("L", (max(map(len, lines)), 2 * len(lines)), 0)
    for y, line in enumerate(lines):
        for x, block in enumerate(line):
            upper, lower = halves[block]
            image.putpixel((x, 2 * y), upper)
            image.putpixel((x, 2 * y + 1), lower)
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


@pytest.mark.parametrize("name", ["Đ", "Ủy ban", "🏠 nhà"])
def test_the_icon_is_one_character(name: str) -> None:
    settings = qr.settings_for(URL, name, "u1")

    assert settings["project"]["icon"] == name[0]
