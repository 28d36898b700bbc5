"""Browsers and programs as people know them, by what they say of themselves (User-Agent)."""

from __future__ import annotations

from server.console.wording import t

# The first that is found: most call themselves by the names of others too.
_PROGRAMS = (
    ("coc_coc", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def client_name(client: str) -> str:
    """Return «Chrome, Windows»; another program as it calls itself, shortened."""
    program = next((name for mark, name in _PROGRAMS if mark in client), "")
    system = next((name for mark, name in _SYSTEMS if mark in client), "")
    if program:
        return f"{program}, {system}" if system else program
    return client[:60] or t("không rõ chương trình")
