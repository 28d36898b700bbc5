"""How long the pages take with many records.

    python -m bench.pages                  # 100,000 records
    python -m bench.pages --rows 10000

A server of its own; rows are made by SQL as `bench.growth` does, spread over the communes and
results, 7.5 in 100 undecided, every tenth with a severe flag, every fifth without its photo. What
is measured is a whole answer over HTTP, as the manager who asks for one page after another gets it.
"""

from __future__ import annotations

import argparse
import gzip
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from bench.clock import milliseconds
from bench.growth import fill
from bench.own_server import database, own_server

PAGES = {
    "home": "",
    "list, newest": "/ho-so",
    "list, last page": "/ho-so?page=999999",
    "list, to review": "/ho-so?state=received,edited&sort=received",
    "list, open severe flags": "/ho-so?state=received,edited,hasIssues&severe=open",
    "list, a commune by name": "/ho-so?q=phan+dinh+phung",
    "list, by commune": "/ho-so?sort=commune&page=40",
    "map": "/ban-do?data=all",
    "summary": "/tong-hop?data=all",
    "indicators": "/tong-hop/chi-so?data=all",
    "communes": "/xa",
    "one commune": "/xa/05443@2025-07-01",
}
_SPREAD = """
WITH commune AS (
  SELECT uid, row_number() OVER (ORDER BY uid) - 1 AS place, count(*) OVER () AS of
  FROM communes_adminunit WHERE valid_to IS NULL AND level = 'commune' AND province_code = '19'
)
UPDATE inspections_inspection i SET unit_id = commune.uid,
  result = (ARRAY['dat', 'khong_dat', 'chua_du_can_cu'])[1 + i.id % 3]
FROM commune WHERE commune.place = i.id % commune.of
"""
_STATES = """
UPDATE submissions_submission SET
  review_state = CASE id % 40 WHEN 0 THEN 'received' WHEN 1 THEN 'edited' WHEN 2 THEN 'hasIssues'
    WHEN 3 THEN 'rejected' ELSE 'approved' END,
  created_at = now() - id * interval '1 minute'
"""
_FLAGS = """
INSERT INTO inspections_flag (inspection_id, code, details)
SELECT id, code, '{}' FROM inspections_inspection,
  (VALUES ('gps_far', 10), ('photo_missing', 5)) AS raised (code, every)
WHERE id % every = 0 ON CONFLICT DO NOTHING
"""


class Person:
    """Somebody at a desk, signed in."""

    def __init__(self, base: str, email: str, password: str) -> None:
        jar = CookieJar()
        self._base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.get("/dang-nhap")
        token = next(cookie.value for cookie in jar if cookie.name == "so_xa_csrf")
        form = {"email": email, "password": password, "csrfmiddlewaretoken": token}
        self._opener.open(f"{base}/dang-nhap", urllib.parse.urlencode(form).encode()).read()

    def get(self, path: str) -> bytes:
        """Return a page as it stands in the answer, not zipped."""
        with self._opener.open(self._base + path) as answer:
            content: bytes = answer.read()
            return content


def main() -> None:
    """Fill a server and print a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=9)
    asked = parser.parse_args()
    with own_server() as server:
        with database(server) as rows_of:
            fill(rows_of, asked.rows)
            for statement in (_SPREAD, _STATES, _FLAGS, "VACUUM ANALYZE"):
                rows_of.execute(statement)
        person = Person(server.base, "giamsat@soxa.local", "bench-password")
        print("| page | median ms | slowest ms | kB gzipped |\n|---|---|---|---|")
        for name, path in PAGES.items():
            print(_line(name, person, f"/du-an/1{path}", asked.times), flush=True)


def _line(name: str, person: Person, path: str, times: int) -> str:
    size = len(gzip.compress(person.get(path))) / 1000  # the first of them, unmeasured
    median, slowest = milliseconds(lambda: person.get(path), times)
    return f"| {name} | {median:.0f} | {slowest:.0f} | {size:.1f} |"


if __name__ == "__main__":
    main()
