"""Every text of the pages has its English, and nothing else has."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

from django.utils import translation

from server.console import (
    acts_words,
    audit_page,
    audit_words,
    choosing,
    device_words,
    expired,
    export_words,
    filters,
    flag_words,
    forms,
    health_words,
    maps,
    navigation,
    people_words,
    quarantine,
    recommendation_words,
    record_parts,
    records,
    totals,
    wording,
    words,
)
from server.forms import difference_told
from server.plans.models import SelectionReason

ROOT = wording.FOLDER.parent
_IN_TEMPLATES = re.compile(r"""\{% t (?:"([^"]+)"|'([^']+)')""")
_IN_CODE = re.compile(r"""\bt\(\s*"([^"]+)\"""")


def texts() -> Iterator[str]:
    for path in ROOT.glob("templates/**/*.html"):
        for found in _IN_TEMPLATES.finditer(path.read_text(encoding="utf-8")):
            yield found[1] or found[2]
    for path in ROOT.glob("*.py"):
        yield from _IN_CODE.findall(path.read_text(encoding="utf-8"))
    # Those that stand in tables; a new table of words is added here.
    yield from (item.label for item in navigation.ITEMS)
    yield from (badge.word for kind in words.BADGES.values() for badge in kind.values())
    yield from (*words.PERIODS.values(), *words.ROLES.values(), *words.DATA.values())
    yield from (*choosing.LABELS.values(), *maps.LAYERS.values(), *maps.KINDS.values())
    yield from totals.GROUP_WORDS.values()
    yield from (*filters.COLUMNS.values(), *filters.LABELS.values())
    yield from (label for _, label in records.SORTS)
    for table in (acts_words.TITLES, acts_words.ACTS, acts_words.HINTS, acts_words.DONE):
        yield from table.values()
    yield from (acts_words.NEW_VERSION, acts_words.DECIDED_MEANWHILE)
    yield from (badge.word for badge in device_words.FARES.values())
    yield from device_words.EMPTY.values()
    yield from (badge.word for badge in people_words.STANDINGS.values())
    yield from (*people_words.MAY.values(), *people_words.EMPTY.values())
    for words_of in (audit_words.GROUPS, audit_words.ACTIONS, audit_words.KINDS, audit_words.WHO):
        yield from words_of.values()
    yield from (*audit_page.LABELS.values(), *expired.WORDS.values())
    for pair in export_words.FORMATS.values():
        yield from pair
    yield from export_words.STATES.values()
    yield from (*flag_words.TRACES.values(), *record_parts.DID.values())
    yield from record_parts.GPS.values()
    yield from (text for why in quarantine.WHY.values() for text in (why.word, why.text))
    yield from (badge.word for badge in quarantine.DECISIONS.values())
    yield from (badge.word for table in (forms.STATES, forms.KINDS) for badge in table.values())
    yield from (*forms.STATE_HINTS.values(), forms.NO_JAVA)
    yield from health_words.texts()
    yield from (*difference_told.SHEETS.values(), *difference_told.COLUMNS.values())
    for words_of in recommendation_words.TABLES:
        yield from words_of.values()
    yield from SelectionReason.labels


def test_every_text_has_its_english_and_no_english_is_left_over() -> None:
    wanted = set(texts())

    assert sorted(wanted - wording.english().keys()) == []
    assert sorted(wording.english().keys() - wanted) == []


def test_no_text_has_its_english_twice() -> None:
    told = [
        text
        for path in wording.FOLDER.glob("*.toml")
        for text in tomllib.loads(path.read_text(encoding="utf-8"))
    ]

    assert [text for text, times in Counter(told).items() if times > 1] == []


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    def names(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)\}", text))

    assert [vi for vi, en in wording.english().items() if names(vi) != names(en)] == []


def test_a_text_comes_in_the_language_of_the_request() -> None:
    with translation.override("en"):
        english = wording.t("Trang {page}/{pages}", page=1, pages=3)
    with translation.override("vi"):
        vietnamese = wording.t("Trang {page}/{pages}", page=1, pages=3)

    assert (english, vietnamese) == ("Page 1 of 3", "Trang 1/3")
