"""What somebody asks of a feed: the options of an address, read and checked. No Django."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.reports.odata import filters
from server.reports.odata.frames import Wanted
from server.reports.odata.problems import (
    ExpandUnsupported,
    OptionInvalid,
    OptionUnsupported,
    PropertyNotSelectable,
    PropertyUnknown,
    SelectWithExpand,
)
from server.reports.odata.tables import Node, Table

OPTIONS = frozenset(
    ("$top", "$skip", "$count", "$filter", "$select", "$orderby", "$expand", "$wkt", "$skiptoken")
)
_MOST = 2**31 - 1
_TOKEN = re.compile(r"1-([0-9]{1,18})-([0-9]{1,9})", re.ASCII)

SYSTEM = (
    "submissionDate",
    "updatedAt",
    "submitterId",
    "submitterName",
    "attachmentsPresent",
    "attachmentsExpected",
    "status",
    "reviewState",
    "deviceId",
    "edits",
    "formVersion",
    "deletedAt",
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page begins: below a submission, or with one of its rows.

    of: the submission's number. row: how many rows of it were told; for those, it is told again.
    """

    of: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, understood."""

    table: Table
    wanted: Wanted
    with_id: bool = True
    with_parent: bool = True  # the key of the row above
    system: tuple[str, ...] = SYSTEM  # its members; empty: none of it
    top: int | None = None
    skip: int = 0
    count: bool = False
    filter: filters.Expression | None = None
    order: str = ""
    start: Start | None = None


def read(options: Mapping[str, str], table: Table) -> Asked:
    """Return what is asked of a table.

    Raises OptionUnsupported, OptionInvalid, ExpandUnsupported, SelectWithExpand, PropertyUnknown,
    PropertyNotSelectable, FilterMalformed and FilterUnsupported.
    """
    refuse_unknown(options)
    expand, select = options.get("$expand", ""), options.get("$select", "")
    if expand not in ("", "*"):
        raise ExpandUnsupported
    if expand and select not in ("", "*"):
        raise SelectWithExpand
    if options.get("$orderby") and not table.is_root:
        raise OptionUnsupported(feature="$orderby (bảng nhóm lặp)")
    if options.get("$orderby") and options.get("$skiptoken"):
        raise OptionUnsupported(feature="$orderby + $skiptoken")
    names = [each.strip() for each in select.split(",") if each.strip() not in ("", "*")]
    is_all = not names or "*" in [each.strip() for each in select.split(",")]
    own = [name for name in names if name.startswith("__")]
    paths = [name for name in names if not name.startswith("__")]
    chosen = frozenset().union(*(_selected(path, table.node) for path in paths))
    return Asked(
        table=table,
        wanted=Wanted(
            expand=expand == "*", wkt=flag(options, "$wkt"), paths=None if is_all else chosen
        ),
        with_id=is_all or "__id" in own,
        with_parent=is_all or bool({"__id", table.parent_key}.intersection(own)),
        system=_system(own, table, is_all=is_all),
        top=number(options, "$top"),
        skip=skip_of(options),
        count=flag(options, "$count"),
        filter=filters.read(options["$filter"]) if options.get("$filter") else None,
        order=options.get("$orderby", ""),
        start=start_of(options["$skiptoken"]) if options.get("$skiptoken") else None,
    )


def token(start: Start) -> str:
    """Return a start as `$skiptoken` carries it."""
    return base64.urlsafe_b64encode(f"1-{start.of}-{start.row}".encode()).decode().rstrip("=")


def start_of(text: str) -> Start:
    """Return what `token` wrote. Raises OptionInvalid."""
    try:
        said = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = _TOKEN.fullmatch(said.decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise OptionInvalid(option="$skiptoken", reason="chỉ dùng giá trị trong @odata.nextLink")
    return Start(int(found[1]), int(found[2]))


def refuse_unknown(options: Mapping[str, str], known: frozenset[str] = OPTIONS) -> None:
    """Refuse an option that is not known. Raises OptionUnsupported."""
    for name in options:
        if name not in known:
            raise OptionUnsupported(feature=name[:80])


def flag(options: Mapping[str, str], name: str) -> bool:
    """Tell whether something is asked for. Raises OptionInvalid."""
    said = options.get(name, "").lower()
    if said not in ("", "true", "false"):
        raise OptionInvalid(option=name, reason="chỉ nhận true hoặc false")
    return said == "true"


def number(options: Mapping[str, str], name: str) -> int | None:
    """Return a whole number, None where it is not given. Raises OptionInvalid."""
    said = options.get(name, "")
    if not said:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", said, re.ASCII) or int(said) > _MOST:
        raise OptionInvalid(option=name, reason=f"cần một số nguyên từ 0 đến {_MOST}")
    return int(said)


def skip_of(options: Mapping[str, str]) -> int:
    """Return how many rows are passed over. Raises OptionInvalid.

    None behind a token, where what was to be skipped has been, though clients repeat the option.
    """
    skip = number(options, "$skip") or 0
    return 0 if options.get("$skiptoken") else skip


def _system(own: list[str], table: Table, *, is_all: bool) -> tuple[str, ...]:
    members = {"__system", *(f"__system/{name}" for name in SYSTEM)}
    known = {"__id"} | (members if table.is_root else {table.parent_key})
    for name in own:
        if name not in known:
            raise PropertyUnknown(property=name[:80])
    if not table.is_root:
        return ()
    if is_all or "__system" in own:
        return SYSTEM
    return tuple(name for name in SYSTEM if f"__system/{name}" in own)


def _selected(path: str, top: Node) -> frozenset[str]:
    """Return the questions of a path, and the repeat that it names, whose link is told."""
    node = top
    for name in path.split("/"):
        if node.kind == "repeat" and node is not top:
            raise PropertyNotSelectable(property=path[:80])
        found = next((each for each in node.children.values() if each.said == name), None)
        if found is None:
            raise PropertyUnknown(property=path[:80])
        node = found
    return frozenset([node.path] if node.kind == "repeat" else _leaves(node))


def _leaves(node: Node) -> list[str]:
    if not node.children:
        return [node.path]
    kept = [child for child in node.children.values() if child.kind != "repeat"]
    return [path for child in kept for path in _leaves(child)]


# Addresses ----------------------------------------------------------------------------------------

# An id may hold what stands between segments; quotes are doubled in it, or stand as they are.
_SEGMENT = re.compile(r"([^()/]+?)(?:\('((?:[^']|'')+|.+?)'\))?(?:(/)|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A table, or what hangs below one row. ids: of the rows on the way, "" where none is named."""

    names: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def table(self) -> str:
        """Return the name of the table."""
        return ".".join(self.names)

    @property
    def instance_id(self) -> str:
        """Return which submission it is about, "" for all."""
        return self.ids[0]

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Return the rows of repeats that it goes through."""
        return tuple(each for each in self.ids[1:] if each)


def address(resource: str) -> Address | None:
    """Read `Submissions`, `Submissions.children`, `Submissions('…')/children`; None: neither."""
    if "\0" in resource:  # PostgreSQL has no such text
        return None
    found: list[re.Match[str]] = []
    while not found or found[-1][3]:
        segment = _SEGMENT.match(resource, found[-1].end() if found else 0)
        if segment is None:
            return None
        found.append(segment)
    names = tuple(segment[1] for segment in found)
    ids = tuple((segment[2] or "").replace("''", "'") for segment in found)
    if len(found) > 1 and not ids[0]:
        return None
    return Address(names, ids)
