"""What a filled-in form says about entities, read without a database (openrosa.md §4.12)."""

from __future__ import annotations

import pytest

from server import xml
from server.entities import blocks
from server.entities.blocks import Block
from server.entities.problems import (
    EntityBaseInvalid,
    EntityBranchMissing,
    EntityIdInvalid,
    EntityLabelMissing,
    EntityListMissing,
)
from server.errors import Problem

A = "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"
B = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PROPERTIES = {"h/xa": "xa", "z_rec/noi_dung": "noi_dung", "z_rec/han": "han"}
NEW = f'dataset="kien_nghi" id="{A}" create="1"'
CHANGED = f'dataset="kien_nghi" id="{A}" update="1"'


def read(inside: str) -> tuple[Block, ...]:
    return blocks.read(xml.parse(f'<data id="f">{inside}</data>'.encode()), PROPERTIES)


def one(attributes: str, label: str = "<label>L</label>", answers: str = "") -> tuple[Block, ...]:
    return read(f"{answers}<meta><entity {attributes}>{label}</entity></meta>")


def test_a_new_entity_has_its_label_and_the_answers_that_are_saved() -> None:
    (found,) = one(NEW, "<label> Tổ chức tập huấn </label>", "<h><xa>05443</xa><q>no</q></h>")

    assert found == Block(
        path="",
        list_name="kien_nghi",
        uuid=A,
        does_create=True,
        does_update=False,
        label="Tổ chức tập huấn",
        data={"xa": "05443"},
        base_version=None,
        trunk_version=None,
        branch_id="",
    )


def test_each_row_of_a_repeat_has_its_own_entity_and_answers() -> None:
    rows = "".join(
        f"<z_rec><noi_dung>{text}</noi_dung><meta><entity dataset='kien_nghi' id='{uuid}' "
        f"create='1'><label>{text}</label></entity></meta></z_rec>"
        for uuid, text in ((A, "một"), (B, "hai"))
    )

    found = read(f"<h><xa>05443</xa></h>{rows}")

    assert [(block.path, block.uuid, block.data) for block in found] == [
        ("z_rec", A, {"noi_dung": "một"}),
        ("z_rec", B, {"noi_dung": "hai"}),
    ]


@pytest.mark.parametrize("create", ["0", "false", "", "yes", "TRUE"])
def test_a_block_that_asks_for_nothing_is_none_even_if_it_is_wrong(create: str) -> None:
    assert one(f'dataset="" id="" create="{create}"', "") == ()


def test_an_update_tells_emptied_from_untouched() -> None:
    row = f"<han/><meta><entity {CHANGED} baseVersion='3'><label/></entity></meta>"

    (found,) = read(f"<z_rec>{row}</z_rec>")

    assert (found.label, found.data, found.base_version) == ("", {"han": ""}, 3)


def test_an_offline_update_says_what_it_stands_on() -> None:
    (found,) = one(f'{CHANGED} baseVersion="3" trunkVersion="2" branchId="{B.upper()}"')

    assert (found.base_version, found.trunk_version, found.branch_id) == (3, 2, B)


def test_what_collect_leaves_blank_online_is_not_there() -> None:
    (found,) = one(f'{CHANGED} baseVersion="1" trunkVersion="" branchId=""')

    assert (found.trunk_version, found.branch_id) == (None, "")


def test_asked_for_both_it_needs_no_version_to_stand_on() -> None:
    (found,) = one(f'{NEW} update="true" baseVersion=""')

    assert (found.does_create, found.does_update, found.base_version) == (True, True, None)


@pytest.mark.parametrize("given", [f"uuid:{A}", A.upper(), f" UUID:{A.upper()} "])
def test_ids_are_written_in_one_way(given: str) -> None:
    (found,) = one(f'dataset="kien_nghi" id="{given}" create="1"')

    assert found.uuid == A


@pytest.mark.parametrize(
    ("attributes", "label", "problem"),
    [
        (f'id="{A}" create="1"', "<label>L</label>", EntityListMissing),
        ('dataset="d" id="12" create="1"', "<label>L</label>", EntityIdInvalid),
        (f'dataset="d" id="{A[:14]}1{A[15:]}" create="1"', "<label>L</label>", EntityIdInvalid),
        ('dataset="d" create="1"', "<label>L</label>", EntityIdInvalid),
        (NEW, "", EntityLabelMissing),
        (NEW, "<label>  </label>", EntityLabelMissing),
        (CHANGED, "", EntityBaseInvalid),
        (f'{CHANGED} baseVersion="một"', "", EntityBaseInvalid),
        (f'{CHANGED} baseVersion="-1"', "", EntityBaseInvalid),
        (f'{CHANGED} baseVersion="2" trunkVersion="1"', "", EntityBranchMissing),
        (f'{CHANGED} baseVersion="2" trunkVersion="1" branchId="b"', "", EntityBranchMissing),
    ],
)
def test_a_wrong_block_says_what_is_wrong(
    attributes: str, label: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        one(attributes, label)


def test_one_wrong_row_fails_all() -> None:
    right = f"<z_rec><meta><entity {NEW}><label>L</label></entity></meta></z_rec>"
    wrong = "<z_rec><meta><entity dataset='kien_nghi' id='1' create='1'/></meta></z_rec>"

    with pytest.raises(EntityLabelMissing):
        read(right + wrong)
