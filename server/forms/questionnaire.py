"""Write a workbook down as a questionnaire that people read and reviewers diff.

One line a fact, in the order of the workbook, so that a change of one cell changes one line.
No Django.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from server.forms import workbook
from server.forms.workbook import Row, Workbook

_VI, _EN = "::Tiếng Việt (vi)", "::English (en)"
_FEW = 4  # choices that fit beside the question; longer lists stand at the end only
_SHOWN = {
    "choice_filter": "Choices filtered by",
    "parameters": "Parameters",
    "default": "Default",
    "repeat_count": "Repeated so often",
}
_ENTITY_SHOWN = {
    "create_if": "Made when",
    "update_if": "Changed when",
    "label": "Label",
}
# How the figures of several inspections become one, in words.
_AGGREGATES: Mapping[str, str] = {
    "sum": "added up",
    "mean": "the mean of those who know it",
    "ratio": "sums divided, never a mean of shares",
    "latest": "the newest",
}
# What each rule asks, in words; the rules themselves: domain.md §6.0.
_RULES: Mapping[str, str] = {
    "yes": "{value} = yes",
    "no": "{value} = no («yes» is the bad answer)",
    "min": "{value} ≥ {threshold}",
    "zero": "{value} = 0",
    "ratio": "{value} ÷ {of} ≥ {threshold} %",
    "plan": "{value} ÷ {of} ≥ 100 % of the plan",
    "deadline": "{value} before {threshold} (MMDD) of the data year",
    "shown": "{value} of {of}, shown and never judged",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    name: str
    label: str


def markdown(data: bytes) -> str:
    """Return the questionnaire of a workbook, in Markdown, ending in one line feed.

    data: the .xlsx file.
    Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe.
    """
    book = workbook.read(data)
    parts = (
        _title(book),
        _conditions(book),
        _indicators(book),
        _entities(book),
        _questions(book),
        _choice_lists(book),
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _title(book: Workbook) -> Iterator[str]:
    settings = next(iter(book.sheet("settings").rows), Row(2, {}))
    form_id = settings.get("form_id")
    yield f"# {settings.get('form_title')}"
    yield ""
    yield (
        f"Form `{form_id}`, version {settings.get('version')}. Written by `manage.py questionnaire`"
        f" from `forms/{form_id}/{form_id}.xlsx`: edit the workbook, never this page."
    )
    yield ""


def _conditions(book: Workbook) -> Iterator[str]:
    rules: dict[str, list[Row]] = defaultdict(list)
    for row in book.sheet("findings").rows:
        rules[row.get("code")].append(row)
    if not rules:
        return
    yield "## Conditions"
    yield ""
    yield "Core conditions decide the result; the others are shown beside it. What is not verified"
    yield "rests on no original text yet and is printed as «tạm tính – chưa đối chiếu»."
    for code, rows in rules.items():
        yield ""
        yield from _condition(code, rows)
    yield ""


def _condition(code: str, rows: list[Row]) -> Iterator[str]:
    first = rows[0]
    yield f"### {code}. {_both(first, 'label')}"
    yield ""
    yield from (f"- Rule: {_rule(row)}" for row in rows)
    if first.get("applies"):
        yield f"- Applies where: `{first.get('applies')}`"
    core = "core" if first.get("core") == "yes" else "advisory"
    verified = "verified" if first.get("verified") == "yes" else "not verified"
    yield f"- Standing: {core}, {verified}"
    yield f"- Legal basis: {first.get('legal_basis') or 'none named'}"


def _rule(row: Row) -> str:
    words = {
        "value": _names(row.get("value")),
        "of": f"`{row.get('of')}`",
        "threshold": _threshold(row.get("threshold")),
    }
    asked = _RULES.get(row.get("rule"), row.get("rule")).format(**words)
    evidence = row.get("evidence")
    return f"{asked}; evidence `{evidence}`" if evidence else asked


def _names(cell: str) -> str:
    return " + ".join(f"`{name}`" for name in cell.split())


def _threshold(text: str) -> str:
    """Return "12; h1=6" as "12 (h1: 6)"."""
    default, *by_period = (part.strip() for part in text.split(";"))
    instead = ", ".join(part.replace("=", ": ") for part in by_period)
    return f"{default} ({instead})" if instead else default


def _indicators(book: Workbook) -> Iterator[str]:
    rows = book.sheet("indicators").rows
    if not rows:
        return
    yield "## Figures"
    yield ""
    for row in rows:
        yield f"- `{row.get('code')}`: {_both(row, 'label')} = {_figure(row)}"
    yield ""


def _figure(row: Row) -> str:
    """Return "`a` ÷ `b`, %; sums divided, never a mean of shares; by `zone`; sensitive"."""
    what = _names(row.get("value"))
    if row.get("of"):
        what = f"{what} ÷ {_names(row.get('of'))}"
    if row.get("unit"):
        what = f"{what}, {row.get('unit')}"
    aggregate = row.get("aggregate")
    said = [what, _AGGREGATES.get(aggregate, aggregate)]
    if row.get("disaggregate"):
        said.append(f"by `{row.get('disaggregate')}`")
    if row.get("sensitive") == "yes":
        said.append("sensitive")
    return "; ".join(said)


def _entities(book: Workbook) -> Iterator[str]:
    rows = book.sheet("entities").rows
    if not rows:
        return
    yield "## Entities"
    yield ""
    for row in rows:
        name = row.get("list_name", "dataset")
        chosen = row.get("entity_id")
        does = f"changes the one that `{chosen}` names" if chosen else "makes a new one"
        yield f"- List `{name}`: {does}"
        for header, title in _ENTITY_SHOWN.items():
            if row.get(header):
                yield f"  - {title}: `{row.get(header)}`"
    yield ""


def _questions(book: Workbook) -> Iterator[str]:
    choices = _choices(book)
    conditions = {f"f_{row.get('code').lower()}" for row in book.sheet("findings").rows}
    depth = 0
    yield "## Questions"
    for row in book.sheet("survey").rows:
        kind = row.get("type").replace("_", " ")
        if kind.startswith("end "):
            depth -= 1
            continue
        yield ""
        if kind.startswith("begin "):
            yield from _group(row, depth)
            depth += 1
        elif kind == "calculate" or not _both(row, "label"):
            yield _silent(row, is_filled=row.get("name") in conditions | {"z_result"})
        else:
            yield from _question(row, choices)
    yield ""


def _group(row: Row, depth: int) -> Iterator[str]:
    repeated = ", repeated" if row.get("type").endswith("repeat") else ""
    screen = ", one screen" if "field-list" in row.get("appearance").split() else ""
    yield f"{'#' * min(depth + 3, 6)} {_both(row, 'label') or row.get('name')}"
    yield ""
    yield f"Group `{row.get('name')}`{repeated}{screen}."
    yield from (f"- {fact}" for fact in _facts(row))


def _silent(row: Row, *, is_filled: bool) -> str:
    """Return the line of a row that nobody is asked."""
    what = row.get("calculation")
    if is_filled and not what:
        said = "calculated from the conditions"
    else:
        said = f"`{what}`" if what else "taken from the phone"
    return " · ".join([f"`{row.get('name')}` ← {said}", *_tags(row)])


def _question(row: Row, choices: Mapping[str, list[_Choice]]) -> Iterator[str]:
    yield f"**{_one_line(row.get('label' + _VI, 'label'))}** · `{row.get('name')}`"
    yield ""
    if row.get("label" + _EN):
        yield f"- English: {_one_line(row.get('label' + _EN))}"
    if row.get("hint" + _VI, "hint"):
        yield f"- Hint: {_both(row, 'hint')}"
    yield f"- Type: {_type(row, choices)}"
    yield from (f"- {fact}" for fact in _facts(row))
    yield from (f"- {tag[0].upper()}{tag[1:]}" for tag in _tags(row))


def _facts(row: Row) -> Iterator[str]:
    if row.get("required").lower() not in ("", "no", "false", "false()"):
        yield "Required"
    if row.get("relevant"):
        yield f"Asked when: `{row.get('relevant')}`"
    if row.get("constraint"):
        yield f"Constraint: `{row.get('constraint')}`"
        yield f"Else: {_both(row, 'constraint_message')}"
    for header, title in _SHOWN.items():
        if row.get(header):
            yield f"{title}: `{row.get(header)}`"


def _tags(row: Row) -> Iterator[str]:
    if row.get("evidence_for"):
        yield f"evidence for: {', '.join(row.get('evidence_for').split())}"
    if row.get("sensitivity"):
        yield f"sensitivity: {row.get('sensitivity')}"
    if row.get("save_to"):
        yield f"saved to: `{row.get('save_to')}`"


def _type(row: Row, choices: Mapping[str, list[_Choice]]) -> str:
    kind, _, of = row.get("type").partition(" ")
    if not of:
        return kind
    few = choices.get(of, [])
    if 0 < len(few) <= _FEW:
        return f"{kind} `{of}`: {' · '.join(choice.label for choice in few)}"
    return f"{kind} `{of}`"


def _choice_lists(book: Workbook) -> Iterator[str]:
    yield "## Choice lists"
    for name, choices in _choices(book).items():
        yield ""
        yield f"### `{name}`"
        yield ""
        yield from (f"- `{choice.name}`: {choice.label}" for choice in choices)


def _choices(book: Workbook) -> dict[str, list[_Choice]]:
    lists: dict[str, list[_Choice]] = defaultdict(list)
    for row in book.sheet("choices").rows:
        choice = _Choice(row.get("name", "value"), _both(row, "label"))
        lists[row.get("list_name", "list name")].append(choice)
    return lists


def _both(row: Row, header: str) -> str:
    said: Iterable[str] = (row.get(header + _VI, header), row.get(header + _EN))
    return " / ".join(_one_line(text) for text in said if text)


def _one_line(text: str) -> str:
    # Emphasis inside a label would fight with ours.
    return " ".join(text.replace("**", "").split())
