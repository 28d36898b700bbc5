"""The steps of a recommendation, by whoever leads it on."""

from __future__ import annotations

from itertools import product

import pytest

from server.entities import rules
from server.entities.recommendation_problems import (
    RecommendationDueInvalid,
    RecommendationDueMissing,
    RecommendationEvidenceMissing,
    RecommendationStateUnknown,
    RecommendationStepRefused,
)
from server.entities.recommendation_states import State, Who, check, check_new, steps
from server.errors import Problem

OPEN = ("moi", "dang_thuc_hien", "qua_han", "chuyen_ky")
# Written by hand from the follow-up form (forms/theo_doi) and the brief of the state machine.
BY_PHONE = {(a, b) for a in OPEN for b in ("dang_thuc_hien", "hoan_thanh", "chuyen_ky") if a != b}
BY_DESK = BY_PHONE | {("hoan_thanh", "dang_thuc_hien")}


@pytest.mark.parametrize(("who", "legal"), [(Who.PHONE, BY_PHONE), (Who.DESK, BY_DESK)])
def test_these_steps_and_no_others_are_legal(who: Who, legal: set[tuple[str, str]]) -> None:
    found = {(a, b) for a, b in product(State, State) if b in steps(a, who)}

    assert found == legal


@pytest.mark.parametrize(
    ("before", "said", "problem"),
    [
        ({"trang_thai": "moi"}, {"trang_thai": "xong"}, RecommendationStateUnknown),
        ({}, {"trang_thai": "qua_han"}, RecommendationStepRefused),
        ({"trang_thai": "hoan_thanh"}, {"trang_thai": "dang_thuc_hien"}, RecommendationStepRefused),
        ({"trang_thai": "moi"}, {"trang_thai": "hoan_thanh"}, RecommendationEvidenceMissing),
        (  # a document of an earlier visit does not say that it is done now
            {"trang_thai": "dang_thuc_hien", "bang_chung": "1/KH"},
            {"trang_thai": "hoan_thanh"},
            RecommendationEvidenceMissing,
        ),
        ({"trang_thai": "hoan_thanh"}, {"bang_chung": " "}, RecommendationEvidenceMissing),
        ({"trang_thai": "moi"}, {"trang_thai": "chuyen_ky"}, RecommendationDueMissing),
        (
            {"trang_thai": "moi", "han": "2026-12-31"},
            {"trang_thai": "chuyen_ky", "han": "2026-12-31"},
            RecommendationDueMissing,
        ),
        ({"trang_thai": "moi"}, {"han": "31/12/2026"}, RecommendationDueInvalid),
        ({"trang_thai": "moi"}, {"han": "20261231"}, RecommendationDueInvalid),
    ],
)
def test_what_is_no_step_is_refused(
    before: dict[str, str], said: dict[str, str], problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        check(before, said, Who.PHONE)


@pytest.mark.parametrize(
    "said",
    [
        {"trang_thai": "hoan_thanh", "bang_chung": "Đã xem bản gốc: 30/BC-UBND"},
        {"trang_thai": "chuyen_ky", "han": "2027-01-01"},
        {"trang_thai": "moi", "han": ""},
        {"noi_dung": "Khác"},
    ],
)
def test_what_follows_is_let_through(said: dict[str, str]) -> None:
    check({"trang_thai": "moi", "han": "2026-12-31"}, said, Who.PHONE)


def test_only_new_ones_are_made() -> None:
    with pytest.raises(RecommendationStepRefused):
        check_new({"trang_thai": "dang_thuc_hien"})


def test_a_new_one_is_made_without_what_it_may_not_say() -> None:
    said = {"noi_dung": "A", "han": "mai", "trang_thai": "hoan_thanh", "bang_chung": "1/BC"}

    weighed = rules.weigh_new("kien_nghi", said)

    assert weighed.counts == {"noi_dung": "A", "trang_thai": "moi"}
    assert weighed.held == {"han": "mai", "trang_thai": "hoan_thanh", "bang_chung": "1/BC"}
    assert weighed.rule == "recommendation.due_invalid"


def test_other_lists_have_no_rules() -> None:
    assert rules.weigh_update("viec", {}, {"trang_thai": "x"}).held == {}
