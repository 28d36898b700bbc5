"""When a question is asked, in words."""

from __future__ import annotations

import pytest

from server.forms.relevance_told import Named, told

NAMES = {
    "plan": Named("câu 1", {"yes": "Có", "no": "Không"}),
    "all": Named("câu 2"),
    "some": Named("câu 3"),
    "scope": Named("scope", constant="yes"),
    "type": Named("loại đơn vị", {"xa": "xã"}),
    "here": Named("here", decided=("${type} = 'xa'", "yes", "no")),
    "n": Named("số mục", any_said="danh sách có mục"),
}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", ""),
        ("${plan} = 'yes'", "câu 1 là «Có»"),
        ("${plan}!='no'", "câu 1 khác «Không»"),
        ("${plan} != ''", "câu 1 đã trả lời"),
        ("${plan} = ''", "câu 1 để trống"),
        ("${all} > 0 and ${some} < ${all}", "câu 2 lớn hơn 0 và câu 3 nhỏ hơn câu 2"),
        ("${all} >= 7 or ${all} <= 1.5", "câu 2 từ 7 trở lên hoặc câu 2 không quá 1,5"),
        (
            "${all} > 0 and (${some} = '' or ${some} = 1)",
            "câu 2 lớn hơn 0 và (câu 3 để trống hoặc câu 3 bằng 1)",
        ),
        ("selected(${plan}, 'yes')", "câu 1 có chọn «Có»"),
        ("not(${plan} = 'yes')", "không phải (câu 1 là «Có»)"),
        ("${scope} = 'yes'", ""),
        ("${scope} = 'no'", "không bao giờ"),
        ("${scope} = 'yes' and ${plan} = 'yes'", "câu 1 là «Có»"),
        ("${scope} = 'no' or ${plan} = 'yes'", "câu 1 là «Có»"),
        ("${here} = 'yes'", "loại đơn vị là «xã»"),
        ("${here} = 'no'", "không phải (loại đơn vị là «xã»)"),
        ("${n} > 0", "danh sách có mục"),
    ],
)
def test_a_formula_is_said(formula: str, words: str) -> None:
    assert told(formula, NAMES) == words


@pytest.mark.parametrize(
    "formula",
    [
        "count(${all}) > 1",
        "${gone} = 1",
        "${all} + 1 > 2",
        "${all} =",
        "(${all} = 1",
        "${all} = 1 )",
    ],
)
def test_what_cannot_be_said_is_given_back_as_it_is(formula: str) -> None:
    assert told(formula, NAMES) == f"công thức «{formula}» đúng"
