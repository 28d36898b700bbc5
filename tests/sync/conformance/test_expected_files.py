"""Which files a phone is told to fetch for what a workbook says (rows MF06, MF24 to MF27, FD11)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.forms.problems import SearchUnreadable, WorkbookRefused
from server.forms.publish import publish
from server.projects.models import Project
from tests.builders import workbook
from tests.device import Device

SETTINGS = """
| settings | form_title | form_id | version |
|          | Biểu thử   | thu     | 1       |
"""
WITH_MEDIA = """
| survey   | type  | name | label | image        | big-image    | audio | video | default        |
|          | note  | one  | Một   | a.png        | big.png      | a.mp3 | a.mp4 |                |
|          | note  | two  | Hai   | a.png        |              |       |       |                |
|          | image | pic  | Ảnh. Không có người, không có tên. | | |  |       | start.png      |
"""
WITH_LISTS = """
| survey   | type                              | name | label |
|          | select_one_from_file towns.csv    | town | Xã    |
|          | select_one_from_file map.geojson  | spot | Điểm  |
"""
WITH_FOLDER = """
| survey   | type | name | label | image      |
|          | note | one  | Một   | b.png      |
|          | note | two  | Hai   | dir/a.png  |
"""
WITH_SEARCH = """
| survey  | type             | name | label | appearance      |
|         | select_one towns | town | Xã    | search({towns}) |
| choices | list_name | name | label |
|         | towns     | ma   | ten   |
"""
WITH_EXTERNAL = """
| survey           | type                    | name | label | choice_filter |
|                  | integer                 | tinh | Tỉnh  |               |
|                  | select_one_external xom | xom  | Xóm   | tinh=${tinh}  |
| external_choices | list_name | name | tinh |
|                  | xom       | x1   | 19   |
"""
CSV = b"name,label\n1,A\n"
GEOJSON = b'{"type": "FeatureCollection", "features": []}'


def fetched(
    device: Device, project: Project, sheets: str, media: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Publish a workbook, let the phone sync, and return the files that it holds."""
    publish(project, workbook(sheets + SETTINGS), media=media or {})
    assert device.match_exactly() == ["thu"]
    return dict(device.held["thu", "1"].files)


@pytest.mark.row("MF06")
def test_a_name_with_folders_is_never_in_a_manifest(device: Device, project: Project) -> None:
    """Collect would take its last segment alone, and overwrite another file with it."""
    files = fetched(device, project, WITH_FOLDER, {"b.png": b"b"})

    assert files == {"b.png": b"b"}


@pytest.mark.row("MF24")
def test_lists_from_files_are_fetched(device: Device, project: Project) -> None:
    media = {"towns.csv": CSV, "map.geojson": GEOJSON}

    assert fetched(device, project, WITH_LISTS, media) == media


@pytest.mark.row("MF25")
def test_media_are_fetched_each_once(device: Device, project: Project) -> None:
    media = {name: name.encode() for name in ("a.png", "big.png", "a.mp3", "a.mp4", "start.png")}

    files = fetched(device, project, WITH_MEDIA, media)
    manifest = device.fetch("forms/thu/versions/1/manifest").body

    assert files == media
    assert manifest.count(b"<filename>a.png</filename>") == 1


@pytest.mark.row("MF26")
def test_external_choices_are_fetched_as_itemsets(device: Device, project: Project) -> None:
    files = fetched(device, project, WITH_EXTERNAL)

    assert list(files) == ["itemsets.csv"]
    assert b"x1" in files["itemsets.csv"]


@pytest.mark.row("MF27")
def test_the_table_of_a_search_is_fetched(device: Device, project: Project) -> None:
    files = fetched(device, project, WITH_SEARCH.format(towns="'towns'"), {"towns.csv": CSV})

    assert files == {"towns.csv": CSV}


@pytest.mark.row("MF27")
def test_a_search_with_broken_quotes_is_offered_to_nobody(device: Device, project: Project) -> None:
    broken = WITH_SEARCH.format(towns="'towns") + SETTINGS

    with pytest.raises(SearchUnreadable):
        publish(project, workbook(broken), media={"towns.csv": CSV})

    assert device.match_exactly() == []


@pytest.mark.row("FD11")
def test_what_a_phone_could_not_use_is_never_offered(device: Device, project: Project) -> None:
    """What is offered has a title and an id; one that sends its answers elsewhere is refused."""
    publish(project, workbook(WITH_LISTS + SETTINGS), media={"towns.csv": CSV})
    elsewhere = """
| settings | form_title | form_id | version | submission_url            |
|          | Biểu thử   | thu     | 2       | https://elsewhere.example |
"""

    with pytest.raises(WorkbookRefused):
        publish(project, workbook(WITH_LISTS + elsewhere))

    assert list(device.match_exactly()) == ["thu"]
    assert list(device.held) == [("thu", "1")]
    xform = device.fetch("forms/thu.xml").body
    assert "<h:title>Biểu thử</h:title>".encode() in xform
    assert b'id="thu"' in xform
