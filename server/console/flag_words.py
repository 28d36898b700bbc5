"""What a flag rests on, in sentences; the figures and questions of `Flag.details`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.console.wording import t
from server.inspections.flag_review import StandingFlag
from server.inspections.personal import Trace
from server.reports.told import Teller, figure

TRACES: Mapping[str, str] = {
    Trace.PHONE: "số điện thoại",
    Trace.IDENTITY_NUMBER: "số giấy tờ",
    Trace.NAME: "tên người",
    Trace.AGE: "tuổi",
    Trace.DWELLING: "nơi ở",
}
_Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; about another record where it names one."""

    text: str
    instance_id: str = ""


def told(flag: StandingFlag, teller: Teller) -> list[Line]:
    """Return what a flag rests on; nothing where its label says all."""
    return [line for say in _SAYERS for line in say(flag.details, teller)]


def _place(details: _Details, teller: Teller) -> Iterator[Line]:
    if "outside_m" in details:
        said = {name: _count(details, name, teller) for name in ("outside_m", "allowed_m")}
        yield Line(t("Cách ranh giới xã đã khai {outside_m} m (cho phép {allowed_m} m).", **said))
        if details.get("is_schematic"):
            yield Line(t("Ranh giới là sơ đồ, không phải ranh giới hành chính."))


def _files(details: _Details, teller: Teller) -> Iterator[Line]:
    questions = details.get("questions")
    if isinstance(questions, list) and questions:
        labels = "; ".join(teller.label(str(path)) for path in questions)
        yield Line(t("Câu: {questions}.", questions=labels))
    traces = details.get("traces")
    if isinstance(traces, list):
        words = ", ".join(t(TRACES[one]) for one in traces if one in TRACES)
        yield Line(t("Có thể chứa: {traces}.", traces=words))


def _conditions(details: _Details, _teller: Teller) -> Iterator[Line]:
    codes = details.get("conditions")
    if isinstance(codes, list) and codes:
        yield Line(t("Điều kiện: {codes}.", codes=", ".join(map(str, codes))))
    if details.get("result"):
        yield Line(t("Kết quả chung trên máy khác với máy chủ."))


def _days(details: _Details, _teller: Teller) -> Iterator[Line]:
    if "visit_date" in details and "received_on" in details:
        days = {name: _day(details[name]) for name in ("visit_date", "received_on")}
        yield Line(t("Kiểm tra ngày {visit_date}, về máy chủ ngày {received_on}.", **days))
    if "due_on" in details and "received_on" in details:
        days = {name: _day(details[name]) for name in ("due_on", "received_on")}
        yield Line(t("Hạn báo cáo {due_on}, về máy chủ ngày {received_on}.", **days))


def _photos(details: _Details, teller: Teller) -> Iterator[Line]:
    if "far" in details:
        said = {name: _count(details, name, teller) for name in ("far", "far_m", "allowed_m")}
        yield Line(
            t("{far} ảnh chụp cách điểm kiểm tra đến {far_m} m (cho phép {allowed_m} m).", **said)
        )
    if "other_day" in details:
        said = {name: _count(details, name, teller) for name in ("other_day", "hours")}
        yield Line(t("{other_day} ảnh chụp cách lần kiểm tra đến {hours} giờ.", **said))


def _others(details: _Details, teller: Teller) -> Iterator[Line]:
    for leg in _list(details, "legs"):
        said = {name: _count(leg, name, teller) for name in ("km", "minutes")}
        yield Line(t("Cách {km} km và {minutes} phút so với hồ sơ", **said), leg["instance_id"])
    for other in _list(details, "others"):
        yield Line(t("So với hồ sơ"), _id(other))
    for other in _list(details, "same_visit"):
        yield Line(t("Cùng đoàn, cùng xã, cùng ngày với hồ sơ"), _id(other))
    for other in _list(details, "alike"):
        percent = _count(other, "percent", teller)
        yield Line(t("Giống {percent}% câu trả lời của hồ sơ", percent=percent), _id(other))
    if "communes" in details and "metres" in details:
        said = {name: _count(details, name, teller) for name in ("communes", "metres")}
        yield Line(t("{communes} xã, trong phạm vi {metres} m.", **said))


def _list(details: _Details, name: str) -> Sequence[Any]:
    found = details.get(name)
    return found if isinstance(found, list) else ()


def _id(other: Any) -> str:
    return str(other["instance_id"] if isinstance(other, Mapping) else other)


def _count(details: _Details, name: str, teller: Teller) -> str:
    return figure(str(details.get(name, "")), teller.language)


def _day(text: object) -> str:
    try:
        return f"{dt.date.fromisoformat(str(text)):%d/%m/%Y}"
    except ValueError:
        return str(text)


_SAYERS: tuple[Callable[[_Details, Teller], Iterator[Line]], ...] = (
    _place,
    _files,
    _conditions,
    _days,
    _photos,
    _others,
)
