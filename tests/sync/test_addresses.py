from __future__ import annotations

from sync.addresses import Addresses

HERE = Addresses("https://x.vn", "a!$", 7)


def test_an_address_names_the_version_and_the_key() -> None:
    assert (
        HERE.xform("kt_18_5", "2026112501")
        == "https://x.vn/v1/key/a!$/projects/7/forms/kt_18_5/versions/2026112501.xml"
    )


def test_no_version_is_written_as_three_underscores() -> None:
    assert HERE.manifest("kt", "").endswith("/forms/kt/versions/___/manifest")


def test_reserved_characters_are_percent_encoded() -> None:
    address = HERE.attachment("a b/c|d", "1[2]", "ảnh 1.png")

    assert address.endswith(
        "/forms/a%20b%2Fc%7Cd/versions/1%5B2%5D/attachments/%E1%BA%A3nh%201.png"
    )
