from __future__ import annotations

import unicodedata

import pytest

from server.communes.vietnamese import composed, search_key, sort_key


def test_names_stand_in_the_order_of_the_vietnamese_alphabet() -> None:
    # By hand, from the alphabet a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y.
    names = [
        "Xã An Khánh",
        "Xã Ân Tình",
        "Xã Ba Bể",
        "Xã Dân Tiến",
        "Phường Đức Xuân",
        "Xã La Bằng",
        "Xã Na Rì",
        "Phường Phan Đình Phùng",
        "Phường Quan Triều",
        "Phường Quyết Thắng",
        "Xã Văn Hán",
        "Xã Văn Lang",
        "Xã Văn Lăng",
        "Xã Yên Bình",
    ]

    assert sorted([*names[1::2], *names[::2]], key=sort_key) == names


def test_tones_decide_only_between_the_same_letters() -> None:
    names = ["La", "Là", "Lả", "Lã", "Lá", "Lạ", "Là Ba", "La Bo"]

    assert sorted([*names[1::2], *names[::2]], key=sort_key) == names


def test_shorter_names_stand_before_longer_ones() -> None:
    assert sort_key("An") < sort_key("An Khánh") < sort_key("Anh")


def test_the_type_of_a_unit_does_not_count() -> None:
    assert sort_key("Xã Tân Lập") == sort_key("Phường Tân Lập") == sort_key("Thị trấn Tân Lập")


def test_the_place_of_the_tone_mark_does_not_count() -> None:
    assert sort_key("Xã Định Hóa") == sort_key("Xã Định Hoá")


def test_decomposed_letters_give_the_same_keys() -> None:
    name = "Xã Phượng Tiến"

    decomposed = unicodedata.normalize("NFD", name)

    assert (sort_key(decomposed), search_key(decomposed)) == (sort_key(name), search_key(name))


def test_a_key_is_digits_so_that_no_collation_can_disturb_it() -> None:
    assert sort_key("Phường Đồng Hỷ - 2").isdecimal()


@pytest.mark.parametrize(
    "typed", ["dong hy", "Đồng Hỷ", "ĐỒNG HỶ", "Xã Đồng Hỷ", "  đồng   hỷ ", "Huyện Đồng Hỷ"]
)
def test_a_name_is_found_however_it_is_typed(typed: str) -> None:
    assert search_key(typed) == "dong hy"


def test_a_type_alone_is_something_to_search_for() -> None:
    assert search_key("Phường") == "phuong"


def test_a_long_text_is_composed_as_a_short_one() -> None:
    text = "Chị Nguyễn Thị Hoa ở Đồng Hỷ. " * 9 + "ế" * 99

    assert composed(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


def test_marks_without_end_are_put_in_order_a_hundred_at_a_time() -> None:
    # All together would take the square of their number: hours, for what a phone may send.
    assert composed("a" + "\u0315\u0316" * 200).count("\u0315\u0316") > 1
    assert composed("a" + "\u0315\u0316" * 49).count("\u0315\u0316") == 0
