"""Say in Vietnamese what is wrong with a field, where the framework's own translation does not.

The framework translates a part of its sentences only, so that a Vietnamese message would end in
English. What is not listed here stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_VIETNAMESE = (
    (r'"(.*)" is not a valid choice\.', "Không có lựa chọn «{}»."),
    (r"Ensure this field has no more than (\d+) characters\.", "Nhiều nhất {} ký tự."),
    (r"Ensure this field has at least (\d+) characters\.", "Ít nhất {} ký tự."),
    (r"Ensure this field has no more than (\d+) elements\.", "Nhiều nhất {} mục."),
    (r"Ensure this field has at least (\d+) elements\.", "Ít nhất {} mục."),
    (r"Ensure this value is greater than or equal to (\S+)\.", "Giá trị nhỏ nhất là {}."),
    (r"Ensure this value is less than or equal to (\S+)\.", "Giá trị lớn nhất là {}."),
    (r"A valid integer is required\.|String value too large\.", "Cần một số nguyên."),
    (r"Enter a valid email address\.", "Cần địa chỉ thư, như lan@thainguyen.gov.vn."),
    (r"Must be a valid boolean\.", "Chỉ nhận true hoặc false."),
    (r"Must be a valid UUID\.", "Cần một UUID."),
    (r"Not a valid string\.", "Cần một chuỗi ký tự."),
    (r"Null characters are not allowed\.", "Không được có ký tự rỗng (NUL)."),
    (r"This field may not be blank\.", "Không được để trống."),
    (r"This field may not be null\.", "Không được là null."),
    (r"Invalid data\. Expected a dictionary.*", "Cần một đối tượng JSON {{…}}."),
    (r"Expected a dictionary of items.*", "Cần một đối tượng JSON {{…}}."),
    (r"Expected a list of items.*", "Cần một danh sách JSON […]."),
)


def first_wrong(errors: Any) -> tuple[str, str]:
    """Return the first field that is wrong, as a path, and all that is wrong with it.

    errors: what a serializer found, nested as the fields are: a line of a list is counted from 0,
    as JSON does. A body that is wrong as a whole is called `body`.
    """
    path, reasons = next(_leaves(errors, ()))
    return ".".join(path) or "body", " ".join(_in_vietnamese(str(reason)) for reason in reasons)


def is_missing(errors: Any) -> bool:
    """Tell whether the first field that is wrong is one that did not come at all."""
    _, reasons = next(_leaves(errors, ()))
    return [getattr(reason, "code", "") for reason in reasons] == ["required"]


def _leaves(errors: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(errors, Mapping):
        for name, found in errors.items():
            yield from _leaves(found, path if name == "non_field_errors" else (*path, str(name)))
    elif any(isinstance(found, Mapping) for found in errors):
        for number, found in enumerate(errors):
            yield from _leaves(found, (*path, str(number))) if found else ()
    else:
        yield path, list(errors)


def _in_vietnamese(reason: str) -> str:
    for pattern, vietnamese in _VIETNAMESE:
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found is not None:
            return vietnamese.format(*found.groups())
    return reason
