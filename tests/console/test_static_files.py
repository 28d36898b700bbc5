"""What browsers load is gathered at a start, and at the next one only where it has to be."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pytest_django import Settings

from server.console import static_files

STYLE = "p { color: #123456 }\n" * 50


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Path:
    """A folder with one style and nothing else to gather."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "page.css").write_text(STYLE)
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [folder]
    settings.STATIC_ROOT = tmp_path / "gathered"
    return folder


@pytest.fixture
def gathered(ours: Path, settings: Settings) -> Path:
    static_files.gather()
    return Path(settings.STATIC_ROOT)


def zipped(gathered: Path) -> Path:
    (found,) = gathered.glob("page.????????????.css.gz")
    return found


def touched(gathered: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in gathered.iterdir()}


def test_what_lies_there_whole_is_not_gathered_again(gathered: Path) -> None:
    before = touched(gathered)

    static_files.gather()

    assert touched(gathered) == before


def test_what_somebody_removed_is_gathered_anew(gathered: Path) -> None:
    file = zipped(gathered)
    file.unlink()

    static_files.gather()

    assert gzip.decompress(file.read_bytes()).decode() == STYLE


def test_what_a_power_cut_left_without_its_content_is_gathered_anew(gathered: Path) -> None:
    file = zipped(gathered)
    file.write_bytes(bytes(file.stat().st_size))

    static_files.gather()

    assert gzip.decompress(file.read_bytes()).decode() == STYLE


def test_what_a_kill_left_half_gathered_is_gathered_anew(gathered: Path) -> None:
    mark, file = gathered / "gathered.json", zipped(gathered)
    mark.write_bytes(mark.read_bytes()[:40])
    file.write_bytes(b"half")

    static_files.gather()

    assert gzip.decompress(file.read_bytes()).decode() == STYLE


def test_a_file_that_changed_in_its_middle_alone_is_gathered_anew(
    ours: Path, gathered: Path
) -> None:
    changed = STYLE.replace("123456", "654321")
    (ours / "page.css").write_text(changed)

    static_files.gather()

    assert changed in {gzip.decompress(f.read_bytes()).decode() for f in gathered.glob("*.css.gz")}
