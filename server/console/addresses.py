"""Addresses that more than one page leads to."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse


def record_address(project_id: int, form_id: str, instance_id: str, query: str = "") -> str:
    """Return where a record opens; `query` is the filter within which it has a next one."""
    # Ids are the designer's and the phone's own text: a slash in one must not end it.
    place = f"{quote(form_id, safe='')}/{quote(instance_id, safe=':')}"
    address = f"{reverse('records', args=[project_id])}/{place}"
    return f"{address}?{query}" if query else address
