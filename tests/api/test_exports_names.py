"""Names of files in archives: every system can unpack them."""

from __future__ import annotations

from tests.api.test_exports import Desk, filled, sent
from tests.api.test_exports import desk as desk


def test_two_names_that_a_system_takes_for_one_are_both_there(desk: Desk) -> None:
    for number, name in enumerate(["Ả.JPG", "ả.jpg", "Con.jpg", "\u202egpj.x"]):
        xml = filled(f"uuid:{number}").replace(b"1.jpg", name.encode())
        sent(desk, xml, {name: b"%d" % number})

    names = desk.download().names()

    assert names[3:] == [
        "media/_gpj.x",
        "media/_Con.jpg",
        "media/ả.jpg",
        "media/uuid_0/Ả.JPG",
    ]
