"""XML from strangers: the right refusal, in no time, in no memory, touching nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.xml_corpus import CANARY, CORPUS, EXTERNAL, answer

ROOT = Path(__file__).parents[2]


@pytest.mark.trap(18)
@pytest.mark.parametrize("name", CORPUS)
def test_each_document_meets_its_own_answer(name: str) -> None:
    attack = CORPUS[name]

    assert answer(attack.xml()) == attack.code


@pytest.mark.parametrize(
    "name",
    [
        "billion laughs",
        "billion laughs in UTF-16",
        "quadratic blow-up",
        "depth 300 000",
        "450 000 attributes",
        "250 000 prefixes",
        "one million siblings",
        "50 000 siblings of 20 attributes",
        "700 000 comments",
        "4.9 MB of references",
        "49 000 siblings",
    ],
)
def test_no_document_takes_more_than_25_mb_or_a_second(name: str) -> None:
    measured = subprocess.run(
        [sys.executable, "-m", "tests.attacks.xml_corpus"],
        input=CORPUS[name].xml(),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )

    took = json.loads(measured.stdout)
    assert took["code"] == CORPUS[name].code
    assert took["kb"] < 25_000
    assert took["ms"] < 1000


@pytest.mark.parametrize("document", [EXTERNAL, CANARY])
@pytest.mark.parametrize("scheme", ["file", "http", "ftp"])
def test_nothing_is_fetched(document: str, scheme: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        url = f"file://{canary}" if scheme == "file" else f"{scheme}://{host}/canary"

        assert answer(document.format(url=url).encode()) == "xml.doctype"

        with pytest.raises(TimeoutError):
            listener.accept()
