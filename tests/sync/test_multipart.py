"""A multipart body: every part to the last byte, or an error (openrosa.md §10.4)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Problem
from sync import multipart
from sync.multipart import Limits
from sync.problems import EnvelopeCut, EnvelopeMalformed, EnvelopeTooLarge, TooManyParts

ROOM = Limits(body_bytes=1_000_000, parts=10)
WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'
    b"Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>\r\n"
    b'--b\r\nContent-Disposition: form-data; name="1.jpg"; filename="1.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n\xff\xd8--b\r\n--\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes\r\n--b--\r\n'
)


@dataclass
class Trickle:
    """A body that comes a few bytes at a time."""

    body: bytes
    step: int

    def read(self, size: int, /) -> bytes:
        piece, self.body = self.body[: self.step], self.body[self.step :]
        return piece


def read(
    body: bytes, limits: Limits = ROOM, boundary: str = "b", length: int | None = None
) -> list[tuple[str, bytes]]:
    stream = io.BytesIO(body)
    found = multipart.parts(stream, boundary, limits, length=length, folder=None)
    return [(part.name, part.file.read()) for part in found]


def one_part(headers: bytes) -> bytes:
    return b"--b\r\n" + headers + b"\r\n\r\nx\r\n--b--\r\n"


def test_the_parts_come_in_order_and_whole() -> None:
    assert read(WHOLE) == [
        ("xml_submission_file", b"<a/>"),
        ("1.jpg", b"\xff\xd8--b\r\n--\r\n"),
        ("*isIncomplete*", b"yes"),
    ]


def test_of_all_parts_together_a_megabyte_stays_in_memory(tmp_path: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    body = (head + b"x" * 400_000 + b"\r\n") * 3 + b"--b--\r\n"
    room = Limits(body_bytes=2_000_000, parts=10)
    nowhere = str(tmp_path / "nowhere")
    found = multipart.parts(io.BytesIO(body), "b", room, length=None, folder=nowhere)

    kept = [next(found), next(found)]

    assert [part.size for part in kept] == [400_000, 400_000]
    with pytest.raises(FileNotFoundError):
        next(found)


def test_a_field_is_told_from_a_file() -> None:
    found = multipart.parts(io.BytesIO(WHOLE), "b", ROOM, length=len(WHOLE), folder=None)

    assert [part.is_file for part in found] == [True, True, False]


@pytest.mark.parametrize("end", range(0, len(WHOLE) - 2))
def test_a_body_cut_anywhere_is_refused(end: int) -> None:
    with pytest.raises(EnvelopeCut):
        read(WHOLE[:end])


def test_a_body_shorter_than_promised_is_refused() -> None:
    with pytest.raises(EnvelopeCut):
        read(WHOLE, length=len(WHOLE) + 1)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
def test_it_does_not_matter_how_the_bytes_arrive(step: int) -> None:
    found = multipart.parts(Trickle(WHOLE, step), "b", ROOM, length=None, folder=None)

    assert [(part.name, part.file.read()) for part in found] == read(WHOLE)


def test_what_stands_before_and_after_the_parts_is_let_go() -> None:
    assert read(b"preamble\r\n" + WHOLE + b"epilogue") == read(WHOLE)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"ảnh 1.jpg"', "ảnh 1.jpg"),
        ('"a%22b.jpg"', 'a"b.jpg'),
        ('"a%0D%0Ab"', "a\r\nb"),
        ('"50%.jpg"', "50%.jpg"),
        ('"../../etc/passwd"', "../../etc/passwd"),
        ("plain.jpg", "plain.jpg"),
        ('"👩‍🌾.jpg"', "👩‍🌾.jpg"),
    ],
)
def test_a_part_has_the_name_that_clients_write(written: str, name: str) -> None:
    body = one_part(f"Content-Disposition: form-data; name={written}".encode())

    assert read(body) == [(name, b"x")]


def test_the_name_is_not_taken_from_inside_the_file_name() -> None:
    body = one_part(b'Content-Disposition: form-data; filename="x; name=evil"; name="good"')

    assert read(body) == [("good", b"x")]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Type: text/xml",
        b'Content-Disposition: form-data; name=""',
        b"Content-Disposition: form-data",
        b'Content-Disposition: attachment; name="a"',
        b'Content-Disposition: form-data; name="a\0b"',
        b'Content-Disposition: form-data; name="a\xff"',
        b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64',
        b'Content-Disposition: form-data; name="a"; x="' + b"x" * 9000 + b'"',
    ],
)
def test_a_part_that_cannot_be_named_is_refused(headers: bytes) -> None:
    with pytest.raises(EnvelopeMalformed):
        read(one_part(headers))


def test_text_after_a_boundary_is_refused() -> None:
    with pytest.raises(EnvelopeMalformed):
        read(b"--bXX\r\n" + WHOLE)


def test_more_parts_than_allowed_are_refused() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'

    with pytest.raises(TooManyParts):
        read(part * 11 + b"--b--")


def test_more_bytes_than_allowed_are_refused() -> None:
    with pytest.raises(EnvelopeTooLarge):
        read(WHOLE + b" " * 1_000_000)


def test_a_line_that_breaks_is_a_cut() -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(EnvelopeCut):
        list(multipart.parts(Broken(), "b", ROOM, length=None, folder=None))


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 50))
def test_any_contents_survive_the_way(contents: list[bytes], step: int) -> None:
    boundary = "7d1c9e0e5b4f"
    head = b'--%s\r\nContent-Disposition: form-data; name="%d"; filename="f"\r\n\r\n%s\r\n'
    pieces = [head % (boundary.encode(), i, content) for i, content in enumerate(contents)]
    body = b"".join(pieces) + f"--{boundary}--\r\n".encode()

    found = multipart.parts(Trickle(body, step), boundary, ROOM, length=len(body), folder=None)

    assert [part.file.read() for part in found] == contents


@given(st.binary(max_size=300))
def test_any_noise_is_a_problem_and_never_a_crash(noise: bytes) -> None:
    with pytest.raises(Problem):
        read(noise + b"--b\r\n" + noise)
