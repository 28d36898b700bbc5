"""docs/protocol.md tells the truth about its tests."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
# The starred rows of the dossier but for entities, encryption, REST and OData (issue 2, section 6).
STARRED = re.findall(
    r"\w+",
    """
FL01 FL02 FL03 FL05 FL06 FL13 FL16 FL17 FL20 SY01 SY04 SY10 MF02 FD01 HD01 SB01 SB02 SB04 SB09
SB12 SB14 SB15 SB24 SB25 SB26 SB27 SB29 SB31 ED01 AU01 AU17
""",
)


def test_every_starred_row_is_there() -> None:
    assert [row for row in STARRED if f"{row}*" not in PAGE] == []


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE))

    missing = [
        f"{path}::{test}"
        for path, test in named
        if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]

    assert len(named) > 50
    assert missing == []
