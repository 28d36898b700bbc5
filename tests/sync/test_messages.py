"""The XML that devices read, compared with openrosa.md §1.2, §2.1 and §4.4."""

from __future__ import annotations

from string import Formatter

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from lxml import etree

from server.errors import Problem
from sync import endpoint, messages
from sync.management.commands import error_table
from sync.messages import ListedFile, ListedForm

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"


def listed(**changes: str) -> ListedForm:
    facts = {
        "form_id": "kt",
        "name": "Kiểm tra",
        "version": "2026",
        "md5": "0cc175b9c0f1b6a831c399e269772661",
        "download_url": "https://x.vn/kt.xml",
        "manifest_url": "https://x.vn/kt/manifest",
    }
    return ListedForm(**{**facts, **changes})


def test_a_form_list_names_id_name_version_hash_and_addresses() -> None:
    root = etree.fromstring(messages.form_list([listed()]))

    assert root.tag == f"{LIST}xforms"
    assert [(child.tag.removeprefix(LIST), child.text) for child in root[0]] == [
        ("formID", "kt"),
        ("name", "Kiểm tra"),
        ("version", "2026"),
        ("hash", "md5:0cc175b9c0f1b6a831c399e269772661"),
        ("downloadUrl", "https://x.vn/kt.xml"),
        ("manifestUrl", "https://x.vn/kt/manifest"),
    ]


def test_a_form_without_files_has_no_manifest_address() -> None:
    root = etree.fromstring(messages.form_list([listed(manifest_url="")]))

    assert root[0].find(f"{LIST}manifestUrl") is None


@pytest.mark.row("FL09")
def test_a_form_without_version_has_an_empty_version_element() -> None:
    assert b"<version></version>" in messages.form_list([listed(version="")])


@pytest.mark.row("FL11")
def test_a_title_is_escaped_exactly_once() -> None:
    body = messages.form_list([listed(name="Hộ & <vườn> ]]>")])

    assert etree.fromstring(body)[0].findtext(f"{LIST}name") == "Hộ & <vườn> ]]>"


def test_a_form_with_a_blank_title_is_listed_under_its_id() -> None:
    root = etree.fromstring(messages.form_list([listed(name=" \t ")]))

    assert root[0].findtext(f"{LIST}name") == "kt"


def test_a_character_that_xml_cannot_hold_does_not_void_the_list() -> None:
    root = etree.fromstring(messages.form_list([listed(name="Kiểm\x00\x08 tra\ufffe")]))

    assert root[0].findtext(f"{LIST}name") == "Kiểm tra"


def test_a_list_of_nothing_is_a_list() -> None:
    assert len(etree.fromstring(messages.form_list([]))) == 0


def test_a_manifest_names_file_hash_and_address() -> None:
    file = ListedFile('ảnh "1" & 2.png', "9e107d9d372bb6826bd81d3542a419d6", "https://x.vn/a")

    root = etree.fromstring(messages.manifest([file]))

    assert root.tag == f"{MANIFEST}manifest"
    assert [(child.tag.removeprefix(MANIFEST), child.text) for child in root[0]] == [
        ("filename", 'ảnh "1" & 2.png'),
        ("hash", "md5:9e107d9d372bb6826bd81d3542a419d6"),
        ("downloadUrl", "https://x.vn/a"),
    ]


def test_a_refusal_carries_its_code_and_its_sentence() -> None:
    root = etree.fromstring(messages.response('Không nhận "A&B"', "submission.conflict"))

    assert root.tag == f"{RESPONSE}OpenRosaResponse"
    message = root.find(f"{RESPONSE}message")
    assert message is not None
    assert (message.text, message.get("nature")) == ('Không nhận "A&B"', "submission.conflict")


def test_a_response_has_no_prefix_on_its_elements() -> None:
    assert b"<message " in messages.response("Đã nhận")


def test_a_complete_submission_is_acknowledged_in_vietnamese() -> None:
    assert messages.received([]) == "Đã nhận đủ phiếu."


def test_missing_photos_are_counted() -> None:
    assert messages.received(["1.jpg", "2.JPG"]) == "Đã nhận phiếu, còn 2 ảnh chưa nhận."


def test_missing_files_that_are_no_photos_are_called_files() -> None:
    assert messages.received(["1.jpg", "audit.csv"]) == "Đã nhận phiếu, còn 2 tệp chưa nhận."


def test_the_receipt_can_be_english() -> None:
    assert messages.received(["1.jpg"], "en") == "Received; 1 photo still to come."


def test_what_came_back_is_told_by_form_with_where_to_read_more() -> None:
    counts = {"Kiểm tra Dự án 8": 1, "Kiểm tra chỉ tiêu 18.5": 2}

    assert messages.returned(counts, "Theo dõi") == (
        "Có 3 hồ sơ cần bổ sung: Kiểm tra Dự án 8 (1), Kiểm tra chỉ tiêu 18.5 (2). "
        "Để biết lý do, làm mới danh sách biểu rồi mở «Theo dõi»."
    )
    assert messages.returned({"Dự án 8": 1}, "") == (
        "Có 1 hồ sơ cần bổ sung: Dự án 8 (1). Để biết lý do, hỏi người giám sát."
    )
    assert messages.returned({"Dự án 8": 1}, "Theo dõi", "en") == (
        "1 submission is to be completed: Dự án 8 (1). "
        "To learn why, refresh the forms and open “Theo dõi”."
    )


EVERY_PROBLEM = sorted(error_table.problems(), key=lambda problem: problem.code)


class Hostile(str):
    """What a stranger may have written into a sentence, however it is to be formatted."""

    def __format__(self, _: str) -> str:
        return str(self)


HOSTILE = Hostile("]]><message>\"'&\x00\x1b\ufffe\ud800 ảnh")


def told(kind: type[Problem], language: str) -> HttpResponse:
    """Tell a device of a problem, with hostile words in all the gaps of its sentence."""
    fields = [name for _, name, _, _ in Formatter().parse(kind.vi + kind.en) if name]
    problem = kind.__new__(kind)
    Problem.__init__(problem, **{**dict.fromkeys(fields, HOSTILE), "wait_s": 7})  # a header too
    request = RequestFactory().post("/", headers={"Accept-Language": language})
    answer = endpoint.refusal(request, problem)
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize("kind", EVERY_PROBLEM, ids=lambda kind: kind.code)
def test_every_problem_is_a_valid_openrosa_response(kind: type[Problem]) -> None:
    answer = told(kind, "vi")

    root = etree.fromstring(answer.content)
    message = root.find(f"{RESPONSE}message")
    assert (answer.status_code, answer["X-OpenRosa-Version"]) == (kind.status, "1.0")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert (root.tag, len(root)) == (f"{RESPONSE}OpenRosaResponse", 1)
    assert message is not None and len(message) == 0
    assert message.get("nature") == kind.code
    assert message.text and message.text != etree.fromstring(told(kind, "en").content)[0].text
