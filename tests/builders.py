"""A small world for tests: a project, a form, communes that are squares, filled-in forms.

Forms are compiled for real, once in a process, and stored as publishing stores them, without its
further checks, which take seconds; submissions go through the real intake. Coordinates are
(lon, lat) degrees; a square's side is a tenth of a degree, about 10 km.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import uuid4
from xml.sax.saxutils import escape

import shapely
from openpyxl import Workbook

from server.communes import vietnamese
from server.communes.models import AdminUnit, Boundary, Coverage, Level, Succession
from server.entities import acts, recommendation_states
from server.entities.acts import Author
from server.entities.models import Entity, EntityList
from server.forms import entity_lists, findings, indicators, rules, schema
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.models import Form, FormVersion
from server.forms.schema import Schema
from server.inspections import derive
from server.projects import accounts
from server.projects.models import Project, Role, User
from server.submissions.intake import Receipt, Sender, SentFile, receive
from server.submissions.models import Submission

SIDE = 0.1  # degrees
PASSWORD = "quyển sổ màu xanh"
REFORM = dt.date(2025, 7, 1)

# A form of the shape of kt_18_5, small enough to see through. A1 is advisory, A3 and A5 are core;
# only A5's rule was checked against the law; A5 asks for a figure of violence.
FORM = """
| survey   | type              | name           | label::Tiếng Việt (vi) | calculation | sensitivity |
|          | calculate         | h_criteria_set |                        | 'THU-2026'  |             |
|          | begin_group       | h              | Thông tin chung        |             |             |
|          | date              | h_date         | Ngày kiểm tra          |             |             |
|          | integer           | h_year         | Năm số liệu            |             |             |
|          | select_one period | h_period       | Kỳ                     |             |             |
|          | text              | h_commune      | Xã                     |             |             |
|          | text              | h_unit_type    | Loại đơn vị            |             |             |
|          | geopoint          | h_gps          | Tọa độ                 |             |             |
|          | end_group         |                |                        |             |             |
|          | begin_group       | a              | Điều kiện              |             |             |
|          | select_one ynu    | a1_plan        | Có kế hoạch?           |             |             |
|          | select_one ev4    | a1_ev          | Căn cứ                 |             |             |
|          | integer           | a3_key_f       | Nữ lãnh đạo chủ chốt   |             |             |
|          | select_one ev4    | a3_ev          | Căn cứ                 |             |             |
|          | integer           | a5_child       | Số trường hợp tảo hôn  |             | restricted  |
|          | select_one ev4    | a5_ev          | Căn cứ                 |             |             |
|          | calculate         | f_a1           |                        |             |             |
|          | calculate         | f_a3           |                        |             |             |
|          | calculate         | f_a5           |                        |             |             |
|          | end_group         |                |                        |             |             |
|          | calculate         | z_result       |                        |             |             |
|          | begin_repeat      | z_photo        | Ảnh                    |             |             |
|          | image             | zp_img         | Chụp ảnh               |             |             |
|          | text              | zp_note        | Ghi chú                |             |             |
|          | end_repeat        |                |                        |             |             |
| choices  | list_name | name   | label::Tiếng Việt (vi) |
|          | period    | h1     | 6 tháng đầu năm        |
|          | period    | fy     | Cả năm                 |
|          | period    | adhoc  | Đột xuất               |
|          | ynu       | yes    | Có                     |
|          | ynu       | no     | Không                  |
|          | ynu       | unk    | Chưa xác định          |
|          | ev4       | seen   | Đã xem bản gốc         |
|          | ev4       | copied | Có bản chụp            |
|          | ev4       | verbal | Chỉ nghe báo cáo       |
|          | ev4       | none   | Không có               |
| findings | code | label::(vi) | rule | value    | of | threshold | evidence | applies | core | legal_basis | verified |
|          | A1   | Kế hoạch    | yes  | a1_plan  |    |           | a1_ev    |         | no   |             | no       |
|          | A3   | Nữ lãnh đạo | min  | a3_key_f |    | 1         | a3_ev    |         | yes  |             | no       |
|          | A5   | Tảo hôn     | zero | a5_child |    |           | a5_ev    |         | yes  | HNGĐ        | yes      |
| settings | form_id | form_title   | version | default_language |
|          | kt_thu  | Kiểm tra thử | 1       | Tiếng Việt (vi)  |
"""  # noqa: E501 - a findings sheet is that wide

# Answers by path that meet every condition of FORM.
GOOD: Mapping[str, str] = {
    "h/h_date": "2026-05-20",
    "h/h_year": "2026",
    "h/h_period": "h1",
    "a/a1_plan": "yes",
    "a/a1_ev": "seen",
    "a/a3_key_f": "1",
    "a/a3_ev": "copied",
    "a/a5_child": "0",
    "a/a5_ev": "seen",
}


def project(name: str = "Thái Nguyên") -> Project:
    """Return a new project."""
    return accounts.create_project(name)


def member(project: Project, email: str = "lan@example.org", role: Role = Role.VIEWER) -> User:
    """Return a person of a project, whose password is PASSWORD."""
    user = accounts.create_user(email, "Lan", PASSWORD)
    accounts.join(user, project, role)
    return user


def recommendation(
    project: Project, xa: str = "05665@2025-07-01", label: str = "Tập huấn", **data: str
) -> Entity:
    """Return a new recommendation about a commune, made by device u1."""
    name = recommendation_states.LIST
    entity_list, _ = EntityList.objects.get_or_create(project=project, name=name)
    said = {"xa": xa, "trang_thai": "moi", "han": "2027-06-30", **data}
    return acts.create(entity_list, uuid4(), label, said, Author("u1"))


def workbook(table: str) -> bytes:
    """Return an .xlsx with what a Markdown table says: a first cell begins a sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for line in table.strip().splitlines():
        name, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
        sheet = book.create_sheet(name) if name else book.worksheets[-1]
        sheet.append([cell or None for cell in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def form(project: Project, table: str = FORM) -> FormVersion:
    """Return a new published version of a form, now the current one."""
    return published(project, *_compiled(table))


def published(project: Project, compiled: CompiledForm, fields: Schema) -> FormVersion:
    """Return a new version of a form, compiled already, now the current one; without its files."""
    form, _ = Form.objects.get_or_create(project=project, form_id=compiled.form_id)
    form.current_version = FormVersion.objects.create(
        form=form,
        version=compiled.version,
        title=compiled.title,
        xform=compiled.xform,
        md5=hashlib.md5(compiled.xform).hexdigest(),
        schema=schema.dump(fields),
        conditions=findings.dump(compiled.conditions),
        indicators=indicators.dump(compiled.indicators),
        entity_lists=entity_lists.dump(entity_lists.read(compiled.xform)),
        rule_version=rules.of_publication(form, compiled.version, compiled.conditions),
    )
    form.save()
    return form.current_version


@lru_cache
def _compiled(table: str) -> tuple[CompiledForm, Schema]:
    compiled = compile_workbook(workbook(table))
    return compiled, schema.read(compiled.xform, compiled.extras)


def commune(
    code: str,
    name: str,
    *,
    since: dt.date | None = REFORM,
    until: dt.date | None = None,
    type: str = "xa",
) -> AdminUnit:
    """Return one version of a commune; without `since` it was always there."""
    return AdminUnit.objects.create(
        uid=f"{code}@{since or 'start'}",
        code=code,
        name=name,
        level=Level.COMMUNE,
        type=type,
        valid_from=since,
        valid_to=until,
        province_code="19",
        sort_key=vietnamese.sort_key(name),
        search_key=vietnamese.search_key(name),
    )


def became(old: AdminUnit, *new: AdminUnit) -> None:
    """Write down what a unit became: wholly when it is one, in parts when there are several."""
    part = "all" if len(new) == 1 else "partial"
    for unit in new:
        Succession.objects.create(old=old, new=unit, part=part, effective_date=REFORM)


def coverage(
    squares: Mapping[AdminUnit, tuple[float, float]],
    *,
    since: dt.date = REFORM,
    until: dt.date | None = None,
    is_schematic: bool = False,
) -> Coverage:
    """Return a coverage of squares, given by their lower left corners."""
    made = Coverage.objects.create(
        valid_from=since,
        valid_to=until,
        is_schematic=is_schematic,
        source="Hình vuông thử nghiệm",
        crs="EPSG:4326",
    )
    for unit, (lon, lat) in squares.items():
        polygon = shapely.box(lon, lat, lon + SIDE, lat + SIDE)
        Boundary.objects.create(coverage=made, unit=unit, wkb=shapely.to_wkb(polygon))
    return made


def instance(
    answers: Mapping[str, str],
    *,
    form_id: str = "kt_thu",
    version: str = "1",
    instance_id: str = "uuid:1",
    deprecated_id: str = "",
    photos: Sequence[str] = (),
) -> bytes:
    """Return the XML of a filled-in form, as Collect writes it.

    answers: by path, at most one group deep. photos: names of files, one for each time round.
    """
    groups: dict[str, list[str]] = {}
    for path, answer in answers.items():
        group, _, name = path.rpartition("/")
        groups.setdefault(group, []).append(f"<{name}>{escape(answer)}</{name}>")
    body = "".join(
        f"<{group}>{''.join(rows)}</{group}>" if group else "".join(rows)
        for group, rows in groups.items()
    )
    shots = "".join(f"<z_photo><zp_img>{escape(name)}</zp_img></z_photo>" for name in photos)
    old = f"<orx:deprecatedID>{deprecated_id}</orx:deprecatedID>" if deprecated_id else ""
    return (
        f"<?xml version='1.0' ?><data id='{form_id}' version='{version}'"
        " xmlns:orx='http://openrosa.org/xforms'>"
        f"{body}{shots}"
        f"<orx:meta><orx:instanceID>{instance_id}</orx:instanceID>{old}</orx:meta></data>"
    ).encode()


def send(
    project: Project,
    xml: bytes,
    files: Mapping[str, bytes] | None = None,
    *,
    is_derived: bool = True,
) -> Submission:
    """Send an instance through the intake, and derive it as the edge does; return its record."""
    receipt = arrive(project, xml, files)
    if is_derived:
        derive.arrived(receipt)
    return Submission.objects.get(pk=receipt.submission_id)


def arrive(project: Project, xml: bytes, files: Mapping[str, bytes] | None = None) -> Receipt:
    """Send an instance through the intake, and no further."""
    sent = [
        SentFile(name=name, file=io.BytesIO(content), content_type="image/jpeg")
        for name, content in (files or {}).items()
    ]
    return receive(xml, sent, Sender(project.pk, None, "collect:1", "Collect"))
