"""The tables of a feed: one of submissions, and one for each repeat. No Django.

Named by path with dots, `Submissions.group.children`; a name that OData does not allow as it is
stands there without what is not allowed (openrosa.md §6.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.forms.fields import odata_name, said_among
from server.forms.schema import Field, Schema

ROOT = "Submissions"


@dataclass(slots=True)
class Node:
    """A question, a group or a repeat, with what stands in it in the order of the instance."""

    name: str  # as the instance spells it
    path: str  # below the root, "" for the root itself
    kind: str  # of the bind; "group", "repeat"
    children: dict[str, Node] = field(default_factory=dict)  # by name
    said: str = ""  # its name as OData allows it, like none beside it
    dotted: str = ""  # those of all above it and its own
    spelt: dict[str, str] = field(default_factory=dict)  # what its children are called, by name

    def __post_init__(self) -> None:
        """Spell the name of what stands nowhere else."""
        self.said = self.said or odata_name(self.name)
        self.dotted = self.dotted or self.said

    def with_child(self, name: str, path: str, kind: str) -> Node:
        """Return the child of a name, new where there was none."""
        if name not in self.children:
            said = said_among(self.spelt, name)
            dotted = f"{self.dotted}.{said}" if self.path else said
            self.children[name] = Node(name, path, kind, said=said, dotted=dotted)
        return self.children[name]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a feed."""

    name: str  # "Submissions.group.children"
    node: Node
    steps: tuple[tuple[Node, ...], ...]  # from one repeat to the next: groups, then the repeat

    @property
    def is_root(self) -> bool:
        """Tell whether its rows are submissions."""
        return self.name == ROOT

    @property
    def parent_key(self) -> str:
        """Return the name of what says to which row of the table above a row belongs."""
        above = (each.said for step in self.steps[:-1] for each in step)
        return f"__{'-'.join((ROOT, *above))}-id"


def tree(schema: Schema) -> Node:
    """Return the root of a form's questions, with all below it."""
    root = Node("", "", "group")
    for each in schema.fields:
        _planted(root, each)
    return root


def tables(root: Node) -> tuple[Table, ...]:
    """Return all tables of a form, the one of submissions first."""
    return (Table(ROOT, root, ()), *_below(root, (ROOT,), (), ()))


def _planted(root: Node, each: Field) -> None:
    node, path = root, ""
    *groups, name = each.path.split("/")
    for group in groups:
        path = f"{path}/{group}".lstrip("/")
        node = node.with_child(group, path, "group")
    kind = "repeat" if each.is_repeat else each.type
    node.with_child(name, each.path, kind)


def _below(
    node: Node,
    names: tuple[str, ...],
    steps: tuple[tuple[Node, ...], ...],
    groups: tuple[Node, ...],
) -> Iterable[Table]:
    for child in node.children.values():
        here = (*names, child.said)
        if child.kind == "repeat":
            gone = (*steps, (*groups, child))
            yield Table(".".join(here), child, gone)
            yield from _below(child, here, gone, ())
        elif child.kind == "group":
            yield from _below(child, here, steps, (*groups, child))
