"""How long every page takes in a project of 100,000 records, and how often it asks the database.

    python -m bench.pages                  # 100,000 records, 30,000 recommendations, …
    python -m bench.pages --rows 10000 --only records,summary

A server of its own, filled by `bench.crowd`. Which pages there are is read from
`server.console.urls`: one that is answered is measured, one that only forms send to is left out,
and one that cannot be asked here ends the bench, so that no page goes unmeasured. The time is a
whole answer over HTTP, as the manager gets it who asks for one page after another; CPU is of the
whole server, PostgreSQL and worker included, for one answer. Statements are counted in this
process, with few rows (some more than a page of each list) and with all of them. What takes more
than the issue allows is marked, and the bench then ends with 1.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import CookieJar
from urllib.error import HTTPError

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from bench.clock import milliseconds
from bench.crowd import COMMUNE, EMAIL, FEW, PASSWORD, YEAR, Real, Size, begin, crowd, lock
from bench.own_server import Database, database, family_cpu_s, own_server
from bench.parcels import FORM

MOST_MS, MOST_KB = 300, 150
# A page, a way on, or the page of a link that was used.
_ANSWERED = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.GONE)
MOST_STATEMENTS_MORE = 3  # with many rows than with few: a cache that was cold, no more
# What pages are asked beside what stands in their address: {name: {what: query}}.
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "records": {
        "newest": "",
        "last page": "page=999999",
        "to review": "state=received,edited&sort=received",
        "open severe flags": "state=received,edited,hasIssues&severe=open",
        "a commune by name": "q=phan+dinh+phung",
        "by commune": "sort=commune&page=40",
    },
    "record": {"alone": "", "in a filter": "state=received,edited&sort=received"},
    "map": {"approved": "", "all": "data=all"},
    "summary": {"approved": "", "all": "data=all"},
    "indicators": {"approved": "", "all": "data=all"},
    "recommendations": {"all": "", "last page": "page=999999"},
    "quarantine": {"waiting": "", "decided": "xong=1"},
    "audit": {"newest": "", "by deed": "viec=export.download"},
    "approve_many": {"": f"year={YEAR}&period=fy&state=received"},
    "new_export": {"": f"form={FORM}"},
    "form_difference": {"": "tu={version}&den={version}"},
    "form_workbook": {"": "ban={version}"},
    "preview": {"": "ban={version}"},
    "preview_screen": {"": "ban={version}"},
    "preview_xform": {"": "ban={version}"},
    "saved_views": {"": "state=received"},
    "decide": {"": "to=approved"},
    "reveal": {"": "cau=today"},
}

# What cannot be had here, and why: told below the table.
ELSEWHERE: Mapping[str, str] = {
    "edit_screen": "given to whoever has said what for",
    "edit_stored": "given to whoever has said what for",
    "edit_file": "given to whoever has said what for",
    "preview_file": "the form needs no file",
    "trial": "nobody tries a draft here",
}


class Person:
    """Somebody at a desk, signed in."""

    def __init__(self, base: str, email: str, password: str) -> None:
        self.jar = CookieJar()
        self._base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.get("/dang-nhap")
        token = next(cookie.value for cookie in self.jar if cookie.name == "so_xa_csrf")
        form = {"email": email, "password": password, "csrfmiddlewaretoken": token}
        self._opener.open(f"{base}/dang-nhap", urllib.parse.urlencode(form).encode()).read()

    def get(self, path: str) -> bytes:
        """Return a page as it stands in the answer, not zipped."""
        try:
            with self._opener.open(self._base + path) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            if error.code in _ANSWERED:
                return error.read()
            raise

    def cookies(self) -> dict[str, str]:
        """Return what the browser was given to keep."""
        return {cookie.name: cookie.value or "" for cookie in self.jar}


@dataclass(frozen=True, slots=True)
class Asked:
    """One address that is measured."""

    name: str
    address: str
    is_page: bool  # else a file
    kilobytes: float  # gzipped
    statements: int


def routes() -> list[URLPattern]:
    """Return every address of the pages."""
    found = get_resolver("server.console.urls").url_patterns
    return [one for one in found if isinstance(one, URLPattern)]


def main() -> None:
    """Fill a server and print a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=Size().records)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", default="", help="names of urls.py with commas between")
    asked = parser.parse_args()
    with own_server(ADMIN_PASSWORD=PASSWORD) as server:
        os.environ.update(server.environ)
        os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
        django.setup()
        with database(server) as rows_of:
            real = begin(server)
            crowd(rows_of, FEW)
            lock(server)
            person = Person(server.base, EMAIL, PASSWORD)
            only = frozenset(asked.only.split(",")) if asked.only else frozenset()
            few = measured(person, values(rows_of, real), only)
            crowd(rows_of, Size(records=asked.rows))
            many = measured(person, values(rows_of, real), only)
        sys.exit(table(Measuring(person, server.process.pid, asked.times), few, many))


def values(rows_of: Database, real: Real) -> dict[str, str]:
    """Return what stands in addresses, by the name in urls.py."""

    def one(statement: str) -> str:
        found = rows_of.execute(statement).fetchone()
        if found is None:
            raise LookupError(statement)
        return str(found[0])

    rows_of.execute(_LINK)
    plan = one("SELECT min(id) FROM plans_plan")
    return {
        "project_id": "1",
        "form_id": FORM,
        "instance_id": real.instance_id,
        "record_file.name": real.photo,
        "name": f"{YEAR}-fy",
        "number": "1",
        "code": "photo_missing",
        "uid": COMMUNE,
        "view_id": "1",  # only forms send to where it stands
        "kind": "xlsx",
        "export_id": str(real.export_id),
        "plan_id": plan,
        "item_id": one(f"SELECT min(id) FROM plans_planitem WHERE plan_id = {plan}"),
        "app_user_id": one("SELECT min(id) FROM projects_appuser"),
        "user_id": one("SELECT min(id) FROM projects_user"),
        "token": _TOKEN,
        "api_key_id": "1",  # only forms send to where it stands
        "quarantined_id": one("SELECT min(id) FROM submissions_quarantined"),
        "conflict_id": one("SELECT min(id) FROM entities_entityversion WHERE conflict = 'hard'"),
        "uuid": one("SELECT uuid FROM entities_entity ORDER BY id LIMIT 1"),
        "version": one(_VERSION),
    }


_TOKEN = "bench"  # of a link to set a password
_LINK = f"""
INSERT INTO projects_passwordlink (user_id, token_sha256, created_at, expires_at)
SELECT min(id), '{hashlib.sha256(_TOKEN.encode()).hexdigest()}', now(), now() + interval '1 day'
FROM projects_user ON CONFLICT DO NOTHING
"""
_VERSION = f"""
SELECT version.version FROM forms_formversion version
JOIN forms_form form ON form.current_version_id = version.id WHERE form.form_id = '{FORM}'
"""


def measured(person: Person, named: Mapping[str, str], only: frozenset[str]) -> list[Asked]:
    """Ask once for all that there is to read; raise RuntimeError where something has no answer."""
    client = Client(headers={"Host": "localhost"})
    client.cookies.load(person.cookies())
    found: list[Asked] = []
    for route in routes():
        name = route.name or ""
        if name in ELSEWHERE or (only and name not in only):
            continue
        for what, query in VARIANTS.get(name, {"": ""}).items():
            label = f"{name}, {what}" if what else name
            if asked := _measured(client, label, _address(route, named, query)):
                found.append(asked)
    return found


def _measured(client: Client, label: str, address: str) -> Asked | None:
    with CaptureQueriesContext(connection) as statements:
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return None  # only forms send to it
    if answer.status_code not in _ANSWERED:
        raise RuntimeError(f"{label} {address}: {answer.status_code}")
    is_page = answer.get("Content-Type", "").startswith("text/html")
    return Asked(label, address, is_page, len(gzip.compress(content)) / 1000, len(statements))


def _address(route: URLPattern, named: Mapping[str, str], query: str) -> str:
    names = route.pattern.converters
    given = {name: named.get(f"{route.name}.{name}", named.get(name, "")) for name in names}
    if missing := [name for name, value in given.items() if not value]:
        raise RuntimeError(f"{route.name}: say in bench.pages.values what {missing} stand for")
    asked = query.format(**named)
    address = reverse(route.name or "", kwargs=given)
    return f"{address}?{asked}" if asked else address


@dataclass(frozen=True, slots=True)
class Measuring:
    """Who asks, whom, and how often."""

    person: Person
    pid: int  # of the server
    times: int

    def of(self, address: str) -> tuple[float, float, float]:
        """Return the median, the longest, and the CPU of one answer, in ms."""
        begun = family_cpu_s(self.pid)
        median, slowest = milliseconds(lambda: self.person.get(address), self.times)
        return median, slowest, (family_cpu_s(self.pid) - begun) * 1000 / self.times


def table(measuring: Measuring, few: Sequence[Asked], many: Sequence[Asked]) -> int:
    """Print what each took; return 1 where something is more than the issue allows."""
    before = {one.name: one.statements for one in few}
    print("| page | median ms | slowest ms | CPU ms | kB gzipped | statements, few rows | all | |")
    print("|---|---|---|---|---|---|---|---|")
    is_over = False
    for one in many:
        median, slowest, cpu = measuring.of(one.address)
        most_statements = before[one.name] + MOST_STATEMENTS_MORE
        over = [
            word
            for word, is_so in (
                ("slow", one.is_page and median > MOST_MS),
                ("large", one.is_page and one.kilobytes > MOST_KB),
                ("statements grow", one.is_page and one.statements > most_statements),
            )
            if is_so
        ]
        is_over = is_over or bool(over)
        print(
            f"| {one.name} | {median:.0f} | {slowest:.0f} | {cpu:.0f} | {one.kilobytes:.1f} "
            f"| {before[one.name]} | {one.statements} "
            f"| {', '.join(over) or ('' if one.is_page else 'file')} |",
            flush=True,
        )
    print("\nNot asked for:", *(f"{name} ({why})" for name, why in ELSEWHERE.items()), sep="\n- ")
    return int(is_over)


if __name__ == "__main__":
    main()
