"""Bảng việc: what waits for me."""

from __future__ import annotations

from django.http import HttpResponse

from server.console.page import EVERYBODY, Visit, page
from server.inspections.expected import local_day
from server.plans.board import board


@page(*EVERYBODY)
def home(visit: Visit) -> HttpResponse:
    """Show what waits for a person, how far the period has come, and what is due next."""
    found = board(visit.membership, local_day())
    return visit.show("console/home.html", here="home", board=found)
