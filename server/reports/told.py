"""Answers in the words of one reader: labels, numbers and days, and what is masked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from server.communes.models import AdminUnit
from server.entities.models import Entity
from server.forms.schema import Field
from server.inspections.asked import Asked
from server.inspections.geotag import parse_geopoint
from server.projects.models import AppUser

_REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_UNIT = re.compile(r"\d{5}@(?:start|\d{4}-\d{2}-\d{2})", re.ASCII)
_ENTITY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_DEVICE = re.compile(r"u\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_MARKS = re.compile(r"\*\*|__|<[^<>]{1,40}>")  # of emphasis in labels: Markdown and HTML
_STEP = re.compile(r"\[(\d+)\]")
_BLANK = "…"
_GROUPED = 10_000  # from here on digits are grouped; a year never is


@dataclass(frozen=True, slots=True)
class Teller:
    """What the answers of one record are in a reader's words."""

    asked: Asked
    language: str  # vi or en
    shown: frozenset[str]  # restricted questions that the reader has open
    flat: Mapping[str, str]  # answers outside repeats, by path
    names: Mapping[str, str]  # of what answers point to, see names_of

    def is_masked(self, path: str) -> bool:
        """Tell whether the reader does not see the answer to a question, by its path."""
        return self.asked.is_restricted(path) and path not in self.shown

    def label(self, path: str) -> str:
        """Return what a question or group is called, in one line; its name where it has no words.

        path: may count the rows of repeats: `photos[2]/photo`.
        """
        plain = question_of(path)
        field = self.asked.fields.get(plain)
        words = field.label if field else self.asked.outline.groups.get(plain, {})
        said = self._filled(in_language(words, self.language))
        counted = list(_STEP.finditer(path))
        row = f" ({counted[-1][1]})" if counted else ""
        return (self._plain(said) or plain.rpartition("/")[2]) + row

    def text(self, path: str, answer: str) -> str:
        """Return an answer as a person reads it; whether it may be seen is not asked here."""
        field = self.asked.fields.get(question_of(path))
        if field is None or not answer:
            return answer
        choices = self.asked.schema.choices.get(field.choice_list, ())
        if choices:
            named = {c.name: in_language(c.label, self.language) or c.name for c in choices}
            picked = answer.split() if field.is_multiple else [answer]
            return "; ".join(self._plain(named.get(one, one)) for one in picked)
        is_picked = field.path in self.asked.outline.picked
        if answer in self.names and (is_picked or not _DEVICE.fullmatch(answer)):
            return self.names[answer]
        return _read(field, answer, self.language)

    def _plain(self, text: str) -> str:
        return " ".join(_MARKS.sub("", text).split())

    def _filled(self, words: str) -> str:
        """Put answers where a label refers to them; what is masked stays a gap."""

        def answer(found: re.Match[str]) -> str:
            paths = (p for p in self.asked.fields if p.rpartition("/")[2] == found[1])
            path = next(paths, "")
            said = "" if not path or self.is_masked(path) else self.flat.get(path, "")
            return self.text(path, said) if said else _BLANK

        return _REFERENCE.sub(answer, words)


def names_of(answers: Iterable[str], project_id: int) -> dict[str, str]:
    """Return what a person calls the communes, entities and devices that answers point to.

    At most three questions, none where nothing is pointed to. A device's answer (`u3`) may also be
    a word that somebody wrote: it is only named where it was picked from a list.
    """
    found: dict[str, str] = {}
    said = set(answers)
    if uids := {answer for answer in said if _UNIT.fullmatch(answer)}:
        found |= dict(AdminUnit.objects.filter(uid__in=uids).values_list("uid", "name"))
    if uuids := {answer for answer in said if _ENTITY.fullmatch(answer)}:
        entities = Entity.objects.filter(uuid__in=uuids, entity_list__project=project_id)
        found |= {str(uuid): label for uuid, label in entities.values_list("uuid", "label")}
    if devices := {int(answer[1:]) for answer in said if _DEVICE.fullmatch(answer)}:
        carried = AppUser.objects.filter(pk__in=devices, project=project_id)
        found |= {device.username: device.display_name for device in carried}
    return {answer: name for answer, name in found.items() if name}


def question_of(path: str) -> str:
    """Return the path of a question without the rows of repeats that it stands in."""
    return _STEP.sub("", path)


def in_language(words: Mapping[str, str], language: str) -> str:
    """Return words in a language, or in whichever there is."""
    return words.get(language) or next(iter(words.values()), "")


def _read(field: Field, answer: str, language: str) -> str:
    if field.type in ("int", "integer", "decimal"):
        return figure(answer, language)
    if field.type == "geopoint":
        return _point(answer, language)
    if field.type in ("date", "dateTime"):
        return _moment(answer, has_time=field.type == "dateTime")
    return answer


def figure(text: str, language: str) -> str:
    """Return a number as a reader writes it: 1.234,5; other text as it is."""
    if not _NUMBER.fullmatch(text):
        return text
    whole, _, rest = text.partition(".")
    grouped = f"{int(whole):,}" if abs(int(whole)) >= _GROUPED else whole
    said = f"{grouped}.{rest}" if rest else grouped
    return said if language == "en" else said.translate(str.maketrans(",.", ".,"))


def _point(answer: str, language: str) -> str:
    point = parse_geopoint(answer)
    if point is None:
        return answer
    parts = [figure(f"{part:.5f}", language) for part in (point.lat, point.lon)]
    accuracy = "" if point.accuracy_m is None else f" (± {round(point.accuracy_m)} m)"
    return "; ".join(parts) + accuracy


def _moment(answer: str, *, has_time: bool) -> str:
    try:
        if not has_time:
            return f"{dt.date.fromisoformat(answer[:10]):%d/%m/%Y}"
        at = dt.datetime.fromisoformat(answer)
        local = at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)) if at.tzinfo else at
        return f"{local:%d/%m/%Y %H:%M}"
    except (ValueError, OverflowError):
        return answer
