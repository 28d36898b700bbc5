"""What a feed says of itself: its tables, and the types of their columns (EDMX). No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from server.forms.fields import odata_name
from server.reports.odata.tables import ROOT, Node, Table
from server.reports.odata.values import EDM, compact

_SYSTEM = {
    "submissionDate": "Edm.DateTimeOffset",
    "updatedAt": "Edm.DateTimeOffset",
    "submitterId": "Edm.String",
    "submitterName": "Edm.String",
    "attachmentsPresent": "Edm.Int64",
    "attachmentsExpected": "Edm.Int64",
    "status": "org.opendatakit.submission.Status",
    "reviewState": "org.opendatakit.submission.ReviewState",
    "deviceId": "Edm.String",
    "edits": "Edm.Int64",
    "formVersion": "Edm.String",
    "deletedAt": "Edm.DateTimeOffset",
}
_ENUMS = {
    "Status": ("notDecrypted", "missingEncryptedFormData"),
    "ReviewState": ("hasIssues", "edited", "rejected", "approved"),
}
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"


def service_document(tables: Iterable[str], context: str) -> str:
    """Return the JSON that lists the tables. context: the address of the metadata."""
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in tables]
    return compact({"@odata.context": context, "value": value})


def edmx(form_id: str, tables: Mapping[str, Table], flat: Mapping[str, Mapping[str, str]]) -> str:
    """Return the description of the tables of a form, as XML.

    flat: the types of the columns of tables without repeats, which stand beside them.
    """
    space = f"org.opendatakit.user.{odata_name(form_id)}"
    names = _Names(space, frozenset((ROOT, *flat)))
    entities = "".join(_entity(table, names) for table in tables.values())
    entities += "".join(_type(name, _members_of(columns)) for name, columns in flat.items())
    nodes = _groups(tables[ROOT].node) if tables else ()
    groups = "".join(_complex(node, names) for node in nodes)
    sets = "".join(
        f'<EntitySet Name="{name}" EntityType="{space}.{name}"/>' if name != ROOT else _root(space)
        for name in (*tables, *flat)
    )
    return _document(
        f'<Schema xmlns="{_EDM}" Namespace="org.opendatakit.submission">{_system()}</Schema>'
        f'<Schema xmlns="{_EDM}" Namespace="{space}">{entities}{groups}'
        f'<EntityContainer Name="{odata_name(form_id)}">{sets}</EntityContainer></Schema>'
    )


def _document(schemas: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<edmx:Edmx xmlns:edmx="{_EDMX}" Version="4.0"><edmx:DataServices>{schemas}'
        "</edmx:DataServices></edmx:Edmx>"
    )


def _system() -> str:
    members = "".join(_property(name, kind) for name, kind in _SYSTEM.items())
    enums = "".join(
        f'<EnumType Name="{name}">{_numbered(values)}</EnumType>' for name, values in _ENUMS.items()
    )
    return f'<ComplexType Name="metadata">{members}</ComplexType>{enums}'


def _numbered(values: Iterable[str]) -> str:
    """Return the members of an enumeration, with the numbers that some clients insist on."""
    return "".join(
        f'<Member Name={quoteattr(value)} Value="{number}"/>' for number, value in enumerate(values)
    )


def _root(space: str) -> str:
    def says(term: str, fact: str) -> str:
        return (
            f'<Annotation Term="Org.OData.Capabilities.V1.{term}"><Record>'
            f"<PropertyValue {fact}/></Record></Annotation>"
        )

    return (
        f'<EntitySet Name="{ROOT}" EntityType="{space}.{ROOT}">'
        '<Annotation Term="Org.OData.Capabilities.V1.ConformanceLevel" '
        'EnumMember="Org.OData.Capabilities.V1.ConformanceLevelType/Minimal"/>'
        '<Annotation Term="Org.OData.Capabilities.V1.BatchSupported" Bool="false"/>'
        + says("CountRestrictions", 'Property="Countable" Bool="true"')
        + says("ExpandRestrictions", 'Property="Expandable" Bool="true"')
        + "</EntitySet>"
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What the types of a form are called."""

    space: str
    taken: frozenset[str]  # by tables, in whose names a group's may not begin

    def of_group(self, node: Node) -> str:
        """Return the name of a group's type, like that of no table."""
        return f"_{node.dotted}" if node.dotted.partition(".")[0] in self.taken else node.dotted


def _entity(table: Table, names: _Names) -> str:
    if table.is_root:
        own = _property("__system", "org.opendatakit.submission.metadata")
    else:
        own = _property(table.parent_key, "Edm.String")
    return _type(table.name, own + _members(table.node, names))


def _complex(node: Node, names: _Names) -> str:
    return f'<ComplexType Name="{names.of_group(node)}">{_members(node, names)}</ComplexType>'


def _members(node: Node, names: _Names) -> str:
    return "".join(_member(child, names) for child in node.children.values())


def _member(child: Node, names: _Names) -> str:
    if child.kind == "repeat":
        kind = f"Collection({names.space}.{ROOT}.{child.dotted})"
        return f'<NavigationProperty Name="{child.said}" Type="{kind}"/>'
    if child.kind == "group":
        return _property(child.said, f"{names.space}.{names.of_group(child)}")
    return _property(child.said, EDM.get(child.kind, "Edm.String"))


def _property(name: str, kind: str) -> str:
    return f'<Property Name="{name}" Type="{kind}"/>'


def _groups(node: Node) -> Iterable[Node]:
    for child in node.children.values():
        if child.kind == "group":
            yield child
        yield from _groups(child)


def flat_edmx(space: str, name: str, columns: Mapping[str, str], system: Mapping[str, str]) -> str:
    """Return the description of one table without repeats.

    columns, system: types by name; `__system` is of the type `metadata`, whose members are given.
    """
    own = {
        column: f"{space}.metadata" if kind == "metadata" else kind
        for column, kind in columns.items()
    }
    members = "".join(_property(member, kind) for member, kind in system.items())
    return _document(
        f'<Schema xmlns="{_EDM}" Namespace="{space}">'
        f"{_type(name, _members_of(own))}"
        f'<ComplexType Name="metadata">{members}</ComplexType>'
        f'<EntityContainer Name="{name}Container">'
        f'<EntitySet Name="{name}" EntityType="{space}.{name}"/></EntityContainer></Schema>'
    )


def _type(name: str, members: str) -> str:
    return (
        f'<EntityType Name="{name}"><Key><PropertyRef Name="__id"/></Key>'
        f'<Property Name="__id" Type="Edm.String" Nullable="false"/>{members}</EntityType>'
    )


def _members_of(columns: Mapping[str, str]) -> str:
    return "".join(_property(name, kind) for name, kind in columns.items() if name != "__id")
