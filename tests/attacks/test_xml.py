"""XML from strangers: the right refusal, touching nothing. Its cost: test_requests.py."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.attacks.xml_corpus import CANARY, CORPUS, EXTERNAL, answer


@pytest.mark.trap(18)
@pytest.mark.parametrize("name", CORPUS)
def test_each_document_meets_its_own_answer(name: str) -> None:
    attack = CORPUS[name]

    assert answer(attack.xml()) == attack.code


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
