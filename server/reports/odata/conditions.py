"""A filter, and an order, as PostgreSQL is asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    DurationField,
    F,
    Func,
    IntegerField,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Extract, NullIf
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.utils import timezone

from server.reports.odata import filters
from server.reports.odata.filters import Comparison, Joined, Literal, Not, Now, Operand, Part, Path
from server.reports.odata.problems import FilterFieldUnsupported, FilterMalformed
from server.submissions.models import ReviewState

_MOMENT, _TEXT, _NUMBER = "moment", "text", "number"
DELETED = "__system/deletedAt"
ON_REPEATS = "$root/Submissions/"  # how a filter of a repeat's table names the submission

# By path: its kind, and what it is in the database (`sources`).
_FIELDS: Mapping[str, tuple[str, Any]] = {
    "__id": (_TEXT, F("instance_id")),
    "__system/submissionDate": (_MOMENT, F("created_at")),
    "__system/updatedAt": (_MOMENT, F("updated_at")),
    DELETED: (_MOMENT, F("deleted_at")),
    "__system/submitterId": (_TEXT, F("submitter")),
    "__system/reviewState": (
        _TEXT,
        NullIf(F("review_state"), Value(ReviewState.RECEIVED, TextField())),
    ),
}
_NEVER_NULL = frozenset(("__id", "__system/submissionDate"))
_SIGNS: Mapping[str, Any] = {
    "eq": Exact,
    "ne": Exact,
    "lt": LessThan,
    "le": LessThanOrEqual,
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
}
_MILLISECOND = Value(dt.timedelta(milliseconds=1), DurationField())
_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


class _Told(Func):
    """A moment as rows tell it (`filters.told`)."""

    template = "date_trunc('milliseconds', (%(expressions)s)::timestamptz)"
    output_field = DateTimeField()


def condition(expression: filters.Expression, *, on_repeats: bool) -> Q:
    """Return what a filter asks of a submission that has a `submitter`.

    Raises FilterFieldUnsupported, and FilterMalformed where it compares what cannot be compared.
    """
    match expression:
        case Not():
            return ~condition(expression.of, on_repeats=on_repeats)
        case Joined():
            parts = [condition(part, on_repeats=on_repeats) for part in expression.parts]
            joined = parts[0]
            for part in parts[1:]:
                joined = joined & part if expression.word == "and" else joined | part
            return joined
        case _:
            return _compared(expression, on_repeats)


def by_index(expression: filters.Expression, *, on_repeats: bool) -> Q | None:
    """Return what of a filter PostgreSQL can look up, beside `condition`; None for nothing.

    `condition` says of each submission whether it is wanted, null included, which no index knows.
    What is returned here is true of every one that is, and perhaps of others.
    """
    match expression:
        case Joined(word, parts):
            found = [by_index(part, on_repeats=on_repeats) for part in parts]
            known = [each for each in found if each is not None]
            if not known or (word == "or" and len(known) < len(parts)):
                return None
            return reduce(and_ if word == "and" else or_, known)
        case Comparison(sign, left, right) if sign != "ne":
            if isinstance(left, Literal | Now):
                left, right, sign = right, left, _TURNED.get(sign, sign)
            return _looked_up(expression, sign, left, right, on_repeats=on_repeats)
        case _:
            return None


_COLUMNS = {
    "__system/submissionDate": "created_at",
    "__system/updatedAt": "updated_at",
    "__system/reviewState": "review_state",
}


def _looked_up(
    comparison: Comparison, sign: str, left: Operand, right: Operand, *, on_repeats: bool
) -> Q | None:
    if not isinstance(left, Path) or not isinstance(right, Literal | Now):
        return None
    column = _COLUMNS.get(left.text.removeprefix(ON_REPEATS))
    if column is None:
        return None
    if isinstance(right, Literal) and right.kind == "null":
        # Nobody looks for what was never edited: that is most.
        is_new = column == "review_state" and sign == "eq"
        return Q(review_state=ReviewState.RECEIVED) if is_new else None
    kind, _ = _field(left.text, on_repeats=on_repeats)
    second = _second(right, kind, comparison.at, on_repeats)
    if kind == _MOMENT:
        # The column has what is below a millisecond, which `condition` leaves away.
        lower = Q(**{f"{column}__gte": second})
        upper = Q(**{f"{column}__lt": second + _MILLISECOND})
        return {"gt": lower, "ge": lower, "lt": upper, "le": upper}.get(sign, lower & upper)
    lookup = {"eq": "exact", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}[sign]
    return Q(**{f"{column}__{lookup}": second})


def order(text: str) -> list[Any]:
    """Return what `$orderby` asks for, the newest first among equals.

    Raises FilterFieldUnsupported.
    """
    wanted = []
    for each in text.split(","):
        path, _, said = each.strip().partition(" ")
        _, expression = _field(path, on_repeats=False)
        way = said.strip().lower()  # Central's clients write DESC as well
        if way not in ("", "asc", "desc"):
            raise FilterFieldUnsupported(text=each.strip(), known=_known())
        is_down = way == "desc"
        if path in _NEVER_NULL:  # in the order of an index
            wanted.append(expression.desc() if is_down else expression.asc())
            continue
        # OData puts null before everything else.
        wanted.append(
            expression.desc(nulls_last=True) if is_down else expression.asc(nulls_first=True)
        )
    return [*wanted, F("pk").desc()]


def _compared(comparison: Comparison, on_repeats: bool) -> Q:
    left, right, sign = comparison.left, comparison.right, comparison.sign
    if isinstance(left, Literal):
        left, right, sign = right, left, _TURNED.get(sign, sign)
    if isinstance(left, Literal):
        raise FilterMalformed(at=comparison.at, reason="hai vế đều là giá trị, không có trường")
    kind, first = _typed(left, comparison.at, on_repeats)
    if isinstance(right, Literal) and right.kind == "null":
        if sign not in ("eq", "ne"):
            return Q(Value(False, BooleanField()))  # nothing is more or less than null
        return Q(IsNull(first, sign == "eq"))
    second = _second(right, kind, comparison.at, on_repeats)
    # Null is neither equal nor more nor less: false, so that `not` of it is true.
    found = Coalesce(_SIGNS[sign](first, second), Value(False), output_field=BooleanField())
    if isinstance(left, Path) and left.text in ("__id", f"{ON_REPEATS}__id") and sign == "eq":
        return Q(instance_id=second)  # by its index
    return ~Q(found) if sign == "ne" else Q(found)


def _second(right: Operand, kind: str, at: int, on_repeats: bool) -> Any:
    if isinstance(right, Literal):
        return _value(right, kind, at)
    other, second = _typed(right, at, on_repeats)
    if other != kind:
        raise FilterMalformed(at=at, reason="hai vế khác kiểu dữ liệu")
    return second


def _typed(operand: Operand, at: int, on_repeats: bool) -> tuple[str, Any]:
    match operand:
        case Path():
            kind, found = _field(operand.text, on_repeats=on_repeats)
            return kind, _Told(found) if kind == _MOMENT else found
        case Now():
            return _MOMENT, Value(timezone.now(), DateTimeField())
        case Part(name, of):
            if isinstance(of, Literal):
                kind, inner = _MOMENT, _value(of, _MOMENT, at)
            else:
                kind, inner = _typed(of, at, on_repeats)
            if kind != _MOMENT:
                raise FilterMalformed(at=at, reason=f"{name}() cần một thời điểm")
            return _NUMBER, Extract(inner, name, tzinfo=dt.UTC, output_field=IntegerField())
        case _:
            raise FilterMalformed(at=at, reason="hai vế đều là giá trị, không có trường")


def _field(path: str, *, on_repeats: bool) -> tuple[str, Any]:
    # Central takes the long name in both tables, and the short one for submissions alone.
    named = path.removeprefix(ON_REPEATS)
    if named not in _FIELDS or (on_repeats and named == path):
        raise FilterFieldUnsupported(text=path, known=_known(ON_REPEATS if on_repeats else ""))
    return _FIELDS[named]


def _known(prefix: str = "") -> str:
    return ", ".join(prefix + path for path in _FIELDS)


def _value(literal: Literal, kind: str, at: int) -> Any:
    if literal.kind == "null":
        raise FilterMalformed(at=at, reason="null không dùng được ở đây")
    if kind == _TEXT:
        if "\0" in literal.text:  # PostgreSQL has no such text
            raise FilterMalformed(at=at, reason="ký tự không hợp lệ")
        return Value(literal.text, CharField())
    try:
        if kind == _NUMBER:
            return Value(float(literal.text))
        return Value(filters.moment(literal.text), DateTimeField())
    except (ValueError, OverflowError) as error:
        reason = "cần một số" if kind == _NUMBER else "cần một thời điểm, ví dụ 2026-05-04"
        raise FilterMalformed(at=at, reason=reason) from error
