"""The phones of the demonstration: their keys, and the forms as they downloaded them.

Keys are readable once, when they are made, so they are kept in `var/secrets` beside the server's
own; with them the versions of the forms that the first run filled in. A second run, even after a
newer version was published, thus sends the same bytes, and the server recognises them.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from server.communes.models import AdminUnit
from server.errors import Problem
from server.forms import findings
from server.forms.models import FormVersion
from server.projects import access, accounts
from server.projects.models import Project
from server.projects.problems import KeyUnknown, ProjectUnknown
from sync.addresses import Addresses
from sync.collect import Collect, HeldForm
from sync.demo import filling, follow_ups, other_forms
from sync.demo.inspections import Desk
from sync.demo.rounds import MAIN_FORM, Unit

FORMS = (MAIN_FORM, *other_forms.CORE, follow_ups.FORM_ID)
SIZE = 4  # phones


class FormNotPublished(Problem):
    """The form of the demonstration is not in the form list."""

    code = "demo.form_not_published"
    status = 404
    vi = "Chưa có biểu {form_id} trong danh sách biểu. Chạy: manage.py publish_forms"
    en = "The form {form_id} is not in the form list. Run: manage.py publish_forms"


class OlderDemonstration(Problem):
    """An earlier edition of the demonstration sent other inspections under the same ids."""

    code = "demo.older"
    status = 409
    vi = (
        "Dữ liệu trình diễn ở đây do bản cũ gửi, không gửi thêm lên trên được. "
        "Chạy trong thư mục dữ liệu mới: VAR_DIR=var-demo make demo"
    )
    en = (
        "The demonstration data here come from an earlier edition. "
        "Use a new data folder: VAR_DIR=var-demo make demo"
    )


@dataclass(frozen=True, slots=True)
class Crew:
    """What is kept between two runs."""

    project_id: int
    tokens: tuple[str, ...]  # of each phone
    usernames: tuple[str, ...]  # of each phone
    # {form_id: version that was filled in}; empty before the first run
    versions: Mapping[str, str] = field(default_factory=dict)

    def phones(self, base: str) -> list[Collect]:
        """Return the phones, set up to send to a server."""
        return [
            Collect(Addresses(base, token, self.project_id).server, f"collect:demo{number:012d}")
            for number, token in enumerate(self.tokens)
        ]


def crew(project_id: int, kept: Path) -> Crew:
    """Return the crew that `kept` tells of, or make one and keep it.

    Raises ProjectUnknown, OlderDemonstration.
    """
    found = _read(kept)
    if found is not None and found.project_id == project_id and _is_valid(found):
        return found
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise ProjectUnknown(id=project_id)
    made = [accounts.create_app_user(project, f"Trình diễn {n + 1}") for n in range(SIZE)]
    new = Crew(
        project_id,
        tuple(each.token for each in made),
        tuple(each.app_user.username for each in made),
    )
    keep(new, kept)
    return new


def keep(crew: Crew, kept: Path) -> None:
    """Write the crew down, for nobody else to read."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = kept.with_name(f".{kept.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        json.dump(asdict(crew), out)
    draft.replace(kept)


def _read(kept: Path) -> Crew | None:
    if not kept.exists():
        return None
    stored = json.loads(kept.read_text())
    if "versions" not in stored:
        raise OlderDemonstration
    lists = {name: tuple(stored[name]) for name in ("tokens", "usernames")}
    return Crew(**{**stored, **lists})


def _is_valid(found: Crew) -> bool:
    """Tell whether the keys open this database's project: it may be another one than last time."""
    try:
        for token in found.tokens:
            access.app_user(token, found.project_id)
    except KeyUnknown:
        return False
    return True


def desks(crew: Crew, phone: Collect) -> tuple[dict[str, Desk], list[Unit]]:
    """Download what a phone needs; return the forms to fill in, and the communes it offers.

    Raises FormNotPublished, and what Collect raises.
    """
    phone.match_exactly()
    held = {form.form_id: form for form in phone.held.values()}
    found = {form_id: _desk(crew, phone, held, form_id) for form_id in FORMS}
    communes = held[MAIN_FORM].files["communes.csv"].decode()
    return found, _units(csv.DictReader(io.StringIO(communes)))


def _desk(crew: Crew, phone: Collect, held: Mapping[str, HeldForm], form_id: str) -> Desk:
    if form_id not in held:
        raise FormNotPublished(form_id=form_id)
    version = crew.versions.get(form_id) or held[form_id].version
    form = filling.read(_xform(phone, crew, held[form_id], version))
    stored = FormVersion.objects.get(
        form__project=crew.project_id, form__form_id=form_id, version=version
    )
    return Desk(form, findings.load(stored.conditions), crew.usernames)


def _xform(phone: Collect, crew: Crew, held: HeldForm, version: str) -> bytes:
    if held.version == version:
        return held.xform
    base = phone.server_url.split("/v1/key/")[0]
    addresses = Addresses(base, crew.tokens[0], crew.project_id)
    return phone.get(addresses.xform(held.form_id, version)).body


def _units(rows: Iterable[Mapping[str, str]]) -> list[Unit]:
    """Return the communes of the phone's list that have a point to stand on."""
    points = {
        uid: (lon, lat)
        for uid, lon, lat in AdminUnit.objects.communes().values_list("uid", "lon", "lat")
        if lon is not None and lat is not None
    }
    return [
        Unit(
            uid=row["name"],
            label=row["label"],
            type=row["type"],
            area=row["area"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            lon=points[row["name"]][0],
            lat=points[row["name"]][1],
        )
        for row in rows
        if row["name"] in points
    ]
