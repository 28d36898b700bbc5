"""A rule in words says what scoring does with it."""

from __future__ import annotations

import pytest

from server.forms.findings import Condition, Rule, Threshold
from server.forms.rules_told import told

CALLED = {"n": "Số buổi", "all": "Tổng số", "yes": "Có quy chế?", "day": "Ngày gửi", "ev": "Căn cứ"}
SIX_IN_H1 = Threshold(12, {"h1": 6})


def said(rule: Rule, period: str = "fy", language: str = "vi") -> str:
    condition = Condition("A1", {}, (rule,), "f_a1")
    return told(condition, period, language, CALLED.__getitem__)[0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("yes", ("yes",)), "«Có quy chế?» phải là «Có»"),
        (Rule("no", ("yes",)), "«Có quy chế?» phải là «Không»"),
        (Rule("min", ("n",), threshold=SIX_IN_H1), "«Số buổi» phải từ 12 trở lên"),
        (Rule("min", ("n",), threshold=Threshold(1.5)), "«Số buổi» phải từ 1,5 trở lên"),
        (Rule("zero", ("n", "all")), "«Số buổi» cộng «Tổng số» phải bằng 0"),
        (
            Rule("ratio", ("n",), "all", Threshold(90)),
            "«Số buổi» phải đạt từ 90% của «Tổng số»",
        ),
        (Rule("plan", ("n",), "all"), "«Số buổi» phải đạt 100% kế hoạch: «Tổng số»"),
        (
            Rule("deadline", ("day",), threshold=Threshold(610)),
            "«Ngày gửi» phải trước ngày 10/6 của năm số liệu",
        ),
        (Rule("shown", ("n",), "all"), "Chỉ nêu «Số buổi» trên «Tổng số», không chấm"),
        (Rule("shown", ("n",), evidence="ev"), "Chỉ nêu «Số buổi», không chấm"),
    ],
)
def test_each_rule_is_told_with_its_questions_and_its_threshold(rule: Rule, expected: str) -> None:
    assert said(rule) == expected


def test_the_threshold_is_that_of_the_period() -> None:
    assert said(Rule("min", ("n",), threshold=SIX_IN_H1), "h1") == "«Số buổi» phải từ 6 trở lên"


def test_a_rule_with_evidence_says_that_a_document_is_needed() -> None:
    rule = Rule("zero", ("n",), evidence="ev")

    assert said(rule).endswith("phải có căn cứ là văn bản đã xem hoặc bản chụp")
    assert (
        said(rule, language="en") == "«Số buổi» must be 0; a document must have been seen or copied"
    )
