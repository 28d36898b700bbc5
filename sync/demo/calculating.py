"""Calculate as a phone does: what is asked, and what calculations come to, from the form's XPath.

The expressions are those that the phone downloaded, so the demonstration scores nothing itself.
Only the functions that our workbooks use are here; the phone's own engine, in the tests, finds the
same answers. Look-ups in lists (`instance(…)`) are left to the caller. No Django.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from lxml import etree

from sync.demo.filling import Answers, Bind, BlankForm

_ROUND = re.compile(r"\bround\(")
MOST_ROUNDS = 6  # calculations may need others that stand further down

Value = str | float | bool | Sequence[etree._Element]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers that a phone would keep, calculations among them."""

    answers: dict[str, str]  # by name; what was not relevant is left out
    repeats: Mapping[str, Sequence[Answers]] = field(default_factory=dict)  # by name


def answered(
    form: BlankForm,
    answers: Answers,
    repeats: Mapping[str, Sequence[Answers]] | None = None,
) -> Answered:
    """Return what becomes of answers in a form; what is not relevant goes, also from rows.

    answers: by name, also such as may turn out not to be relevant.
    """
    sitting = _Sitting(form, answers, repeats or {})
    sitting.settle()
    return sitting.kept()


class _Sitting:
    """A form on the screen: its nodes with their texts, and which of them are hidden."""

    def __init__(
        self, form: BlankForm, answers: Answers, repeats: Mapping[str, Sequence[Answers]]
    ) -> None:
        self._form = form
        self._rows: dict[str, list[tuple[etree._Element, Answers]]] = {}
        self._given = answers
        self._root = self._laid_out(repeats)
        self._binds = [(bind, self._nodes(bind)) for bind in form.binds]
        self._hidden: set[etree._Element] = set()

    def settle(self) -> None:
        """Calculate until nothing changes."""
        for _ in range(MOST_ROUNDS):
            before = [node.text for node in self._root.iter()], set(self._hidden)
            for bind, nodes in self._binds:
                for node, given in nodes:
                    self._turn(bind, node, given)
            if before == ([node.text for node in self._root.iter()], self._hidden):
                return
        raise AssertionError(f"{self._form.form_id} does not come to rest")

    def kept(self) -> Answered:
        """Return the answers that are relevant."""
        flat: dict[str, str] = {}
        rows: dict[str, list[dict[str, str]]] = {
            name: [{} for _ in rows] for name, rows in self._rows.items()
        }
        for bind, nodes in self._binds:
            repeat = self._repeat(bind)
            holders = [flat] if repeat is None else rows[repeat]
            for holder, (node, given) in zip(holders, nodes, strict=False):
                is_blank_note = bind.is_readonly and not bind.calculate and bind.name not in given
                if not (len(node) or is_blank_note or self._is_hidden(node)):
                    holder[bind.name] = node.text or ""
        return Answered(flat, rows)

    def _laid_out(self, repeats: Mapping[str, Sequence[Answers]]) -> etree._Element:
        root = copy.deepcopy(self._form.skeleton)
        for node in root.iter(etree.Element):
            node.tag = _name(node)  # paths in a form name no namespace
        templates: dict[str, etree._Element] = {}
        for node in [n for n in root.iter() if n.tag in self._form.repeats]:
            if node.tag in templates:  # a template and a first row may both stand in the skeleton
                _remove(node)
            else:
                templates[str(node.tag)] = node
        for name, template in templates.items():
            rows = [(copy.deepcopy(template), answers) for answers in repeats.get(name, ())]
            for row, _ in reversed(rows):
                template.addnext(row)
            _remove(template)
            self._rows[name] = rows
        return root

    def _repeat(self, bind: Bind) -> str | None:
        return next((step for step in bind.path.split("/") if step in self._form.repeats), None)

    def _nodes(self, bind: Bind) -> list[tuple[etree._Element, Answers]]:
        repeat = self._repeat(bind)
        if repeat is None:
            found = self._root.find(bind.path.removeprefix(f"/{_name(self._root)}/"))
            return [] if found is None else [(found, self._given)]
        below = bind.path.partition(f"/{repeat}/")[2]
        rows = self._rows[repeat]
        found_rows = [(row.find(below) if below else row, given) for row, given in rows]
        return [(node, given) for node, given in found_rows if node is not None]

    def _turn(self, bind: Bind, node: etree._Element, given: Answers) -> None:
        is_relevant = not bind.relevant or "instance(" in bind.relevant
        if is_relevant or _truth(_evaluate(bind.relevant, node)):
            self._hidden.discard(node)
        else:
            self._hidden.add(node)
        if len(node):
            return
        if self._is_hidden(node):
            node.text = None
        elif bind.calculate and "instance(" not in bind.calculate:
            node.text = _text(_evaluate(bind.calculate, node)) or None
        else:
            node.text = given.get(bind.name) or None

    def _is_hidden(self, node: etree._Element) -> bool:
        return node in self._hidden or any(up in self._hidden for up in node.iterancestors())


def _remove(node: etree._Element) -> None:
    for parent in node.iterancestors():
        parent.remove(node)
        return


def _evaluate(expression: str, node: etree._Element) -> Value:
    return cast(Value, _compiled(expression)(node))


@cache
def _compiled(expression: str) -> etree.XPath:
    # XPath 1.0 has a `round` of its own, without digits, that nothing may stand in for.
    return etree.XPath(_ROUND.sub("round-to(", expression), extensions=_FUNCTIONS)


def _name(node: etree._Element) -> str:
    return str(etree.QName(node).localname)


def _text(value: Value) -> str:
    """Return a value as JavaRosa writes it into a node."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else f"{value:.10g}"
    if isinstance(value, str):
        return str(value)
    return (value[0].text or "") if value else ""


def _number(value: Value) -> float:
    try:
        return float(value if isinstance(value, bool | float) else _text(value))
    except ValueError:
        return math.nan


def _truth(value: Value) -> bool:
    if isinstance(value, float):
        return not (math.isnan(value) or value == 0)
    return bool(value)


def _if(_context: object, condition: Value, then: Value, otherwise: Value) -> Value:
    chosen = then if _truth(condition) else otherwise
    return chosen if isinstance(chosen, bool | float | str) else _text(chosen)


def _selected(_context: object, answer: Value, choice: Value) -> bool:
    return _text(choice) in _text(answer).split()


def _selected_at(_context: object, answer: Value, at: float) -> str:
    choices = _text(answer).split()
    return choices[int(at)] if int(at) < len(choices) else ""


def _count_selected(_context: object, answer: Value) -> float:
    return float(len(_text(answer).split()))


def _round(_context: object, value: Value, digits: float = 0) -> float:
    number, scale = _number(value), 10 ** int(digits)
    return number if math.isnan(number) else math.floor(number * scale + 0.5) / scale


def _format_date(_context: object, value: Value, pattern: Value) -> str:
    year, _, rest = _text(value)[:10].partition("-")
    month, _, day = rest.partition("-")
    if not day:
        return ""
    return _text(pattern).replace("%Y", year).replace("%m", month).replace("%d", day)


def _substr(_context: object, value: Value, start: float, end: float | None = None) -> str:
    return _text(value)[int(start) : None if end is None else int(end)]


def _min(_context: object, *values: Value) -> float:
    return min(_numbers(values), default=math.nan)


def _numbers(values: Sequence[Value]) -> Iterator[float]:
    for value in values:
        if isinstance(value, bool | float | str):
            yield _number(value)
        else:
            yield from (_number([node]) for node in value)


_FUNCTIONS: Mapping[tuple[None, str], Callable[..., Value]] = {
    (None, "if"): _if,
    (None, "selected"): _selected,
    (None, "selected-at"): _selected_at,
    (None, "count-selected"): _count_selected,
    (None, "round-to"): _round,
    (None, "format-date"): _format_date,
    (None, "substr"): _substr,
    (None, "min"): _min,
}
