"""Which files browsers load, and under which names: gathered where `serve` finds them changed.

Our own from `static/`, and of the npm packages only those named here. Each gets the hash of its
content into its name, so that browsers may keep it for ever, and a gzipped twin.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage, Storage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from server.console.packages import FOLDER, MODULES, WEB_FORMS
from server.console.problems import PackagesMissing

_FONT = "be-vietnam-pro-{script}-{weight}-normal.woff2"
# {what pages call it: where it lies in the folder of packages}
NAMED: Mapping[str, str] = {
    "htmx/htmx.js": f"{MODULES}/htmx.org/dist/htmx.min.js",
    **{
        f"{WEB_FORMS}/{name}.js": f"{WEB_FORMS}/{name}.js"
        for name in ("web-forms", "engine", "vue")
    },
    **{
        f"fonts/{name}": f"{MODULES}/@fontsource/be-vietnam-pro/files/{name}"
        for script in ("latin", "vietnamese")
        for weight in (400, 500, 600, 700)
        for name in [_FONT.format(script=script, weight=weight)]
    },
}


_MARK = "gathered.json"


def gather() -> None:
    """Gather all of them in STATIC_ROOT, unless just these lie there whole. Raises PackagesMissing.

    To name, rewrite and zip them takes a fifth of a start. What a kill or a power cut left half
    done, and what somebody removed, is gathered anew.
    """
    mark = Path(settings.STATIC_ROOT) / _MARK
    sources = _sources()
    if mark.exists() and _said(mark) == [sources, _gathered(mark.parent)]:
        return
    mark.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(json.dumps([sources, _gathered(mark.parent)]))


def _sources() -> str:
    """Return a digest of everything that makes the gathered files what they are."""
    digest = hashlib.sha256(f"{django.__version__} {version('whitenoise')}".encode())
    digest.update(Path(__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list(None):
            with storage.open(name) as file:
                digest.update(f"\0{name}\0{file.size}\0".encode())
                digest.update(file.read())
    return digest.hexdigest()


def _gathered(folder: Path) -> dict[str, str]:
    """Return the digest of each gathered file: a power cut leaves them empty, or full of zeros."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != _MARK)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
    }


def _said(mark: Path) -> object:
    try:
        return json.loads(mark.read_text())
    except ValueError:  # cut off, as the files may be
        return None


# Where one script names another by address, as ours and those laid out do. Django's own patterns
# for it take seconds for the megabytes of ODK Web Forms, at each start.
_NAMED_BY_SCRIPTS = r'(?P<matched>(?P<way>(?-i:from|import\(|import) ?)"(?P<url>\.\.?/[^"]+\.js)")'


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Static files by hashed names; also where one script imports another."""

    patterns = (
        *ManifestStaticFilesStorage.patterns,
        ("*.js", ((_NAMED_BY_SCRIPTS, '%(way)s"%(url)s"'),)),
    )


class PackageFiles(BaseFinder):
    """The files of npm packages that pages load (Django's staticfiles)."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        self._storage = _Renamed(location=FOLDER)

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """Return where one lies; nothing for what is not ours to find."""
        place = self._storage.path(path) if path in NAMED else None
        if find_all:
            return [place] if place else []
        return place

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Yield all of them. Raises PackagesMissing."""
        for name in NAMED:
            if not self._storage.exists(name):
                raise PackagesMissing(file=NAMED[name])
            yield name, self._storage


class _Renamed(FileSystemStorage):
    """The folder of packages, asked by the names that pages use."""

    def path(self, name: str) -> str:
        return super().path(NAMED.get(name, name))
