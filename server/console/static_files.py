"""Which files browsers load, and under which names: gathered at each start of `serve`.

Our own from `static/`, and of the npm packages only those named here. Each gets the hash of its
content into its name, so that browsers may keep it for ever, and a gzipped twin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage, Storage
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
