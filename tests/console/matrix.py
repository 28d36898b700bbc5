"""Every address of the pages with who finds something there.

Whoever adds an address adds a row to ROWS; tests/console/test_matrix.py and test_in_browser.py do
the rest: foreign things, forms of other sites, what hinders people, what it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import URLPattern

from server.console import urls

# Who: a manager, a supervisor of all communes, one of a single commune, a viewer.
M, S, H, V = "manager", "supervisor", "supervisor of here", "viewer"
ALL, REVIEW, PLANNERS, MANAGE = (M, S, H, V), (M, S, H), (M, S), (M,)


@dataclass(frozen=True, slots=True)
class Row:
    """What is at an address."""

    who: tuple[str, ...]  # for whom it is there; for others: 404
    reads: int  # what a GET of theirs gets; 405 where only a form goes
    takes_form: bool
    is_page: bool  # that people look at
    owns: str = ""  # the parameter that names somebody's own thing, deepest; "" for a list
    is_of_commune: bool = False  # the thing is one commune's
    query: str = ""  # a template, as the address

    def takes(self, method: str) -> bool:
        """Tell whether an address takes a method."""
        return self.takes_form if method == "POST" else self.reads != 405


def shown(who: tuple[str, ...], owns: str = "", *, of: bool = False, query: str = "") -> Row:
    """Return the row of a page that is read."""
    return Row(who, 200, False, True, owns, of, query)


def asked(who: tuple[str, ...], owns: str = "", *, of: bool = False, query: str = "") -> Row:
    """Return the row of a page with a form that goes to its own address."""
    return Row(who, 200, True, True, owns, of, query)


def done(who: tuple[str, ...], owns: str = "", *, of: bool = False) -> Row:
    """Return the row of an address that only takes a form."""
    return Row(who, 405, True, False, owns, of)


def given(
    who: tuple[str, ...], owns: str = "", *, of: bool = False, query: str = "", reads: int = 200
) -> Row:
    """Return the row of a file."""
    return Row(who, reads, False, False, owns, of, query)


ROWS: Mapping[str, Row] = {
    "home": shown(ALL),
    "app_users": shown(MANAGE),
    "new_app_users": asked(MANAGE),
    "app_user_cards": done(MANAGE),
    "app_user": shown(MANAGE, "app_user_id"),
    "grant_app_user": done(MANAGE, "app_user_id"),
    "revoke_app_user": done(MANAGE, "app_user_id"),
    "reissue_app_user": done(MANAGE, "app_user_id"),
    "people": shown(MANAGE),
    "new_person": asked(MANAGE),
    "person": shown(MANAGE, "user_id"),
    "set_role": done(MANAGE, "user_id"),
    "lock_person": done(MANAGE, "user_id"),
    "unlock_person": done(MANAGE, "user_id"),
    "reset_password_of": done(MANAGE, "user_id"),
    "reset_codes_of": done(MANAGE, "user_id"),
    "remove_person": done(MANAGE, "user_id"),
    "revoke_key_of": done(MANAGE, "api_key_id"),
    "withdraw_invitation": done(MANAGE, "user_id"),
    "account": shown(ALL),
    "rename_me": done(ALL),
    "change_my_password": done(ALL),
    "end_my_others": done(ALL),
    "make_my_key": done(ALL),
    "revoke_my_key": done(ALL, "api_key_id"),
    "codes": shown(ALL),
    "begin_codes": done(ALL),
    "confirm_codes": done(ALL),
    "codes_off": done(ALL),
    "renew_codes": done(ALL),
    "audit": shown(MANAGE),
    "verify_audit": done(MANAGE),
    "audit_file": given(MANAGE),
    "health": shown(MANAGE),
    "approve_many": asked(REVIEW, query="year={year}&period=h1"),
    "exports": shown(ALL),
    "new_export": asked(ALL),
    # Everybody's own; the one of these tests is the manager's, and not made yet.
    "export_file": given(MANAGE, "export_id", reads=409),
    "cancel_export": done(MANAGE, "export_id"),
    "records": shown(REVIEW),
    "saved_views": asked(REVIEW, query="state=received"),
    "rename_view": done(REVIEW, "view_id"),
    "delete_view": done(REVIEW, "view_id"),
    "plans": shown(REVIEW),
    "new_plan": asked(PLANNERS),
    "plan": shown(REVIEW, "plan_id"),
    "plan_state": done(PLANNERS, "plan_id"),
    "add_to_plan": done(PLANNERS, "plan_id"),
    "plan_item": asked(PLANNERS, "item_id"),
    "periods": shown(REVIEW),
    "period": shown(REVIEW),
    "lock_period": done(MANAGE),
    "correct_period": done(MANAGE),
    "snapshot": given(REVIEW),
    "recommendations": shown(REVIEW),
    "recommendation": asked(REVIEW, "uuid", of=True),
    "settle_recommendation": done(REVIEW, "uuid", of=True),
    "recommendation_conflict": asked(REVIEW, "conflict_id", of=True),
    "record": shown(REVIEW, "instance_id", of=True),
    "decide": asked(REVIEW, "instance_id", of=True, query="to=hasIssues"),
    "comment": asked(REVIEW, "instance_id", of=True, query="cau=a/a1_plan"),
    "justify": asked(REVIEW, "instance_id", of=True),
    "reveal": asked(REVIEW, "instance_id", of=True, query="cau=a/a5_child"),
    "record_file": given(REVIEW, "instance_id", of=True),
    "map": shown(ALL),
    "communes": shown(ALL),
    "commune": shown(ALL),
    "summary": shown(ALL),
    "summary_file": given(ALL, "form_id", query="form={form_id}&year={year}"),
    "indicators": shown(ALL),
    # The form of these tests asks for no figures.
    "indicators_file": given(ALL, "form_id", query="form={form_id}&year={year}", reads=404),
    "forms": shown(MANAGE),
    "upload_form": asked(MANAGE),
    "form": shown(MANAGE, "form_id"),
    "form_difference": shown(MANAGE, "form_id", query="tu={version}&den=ban-thu"),
    "form_workbook": given(MANAGE, "form_id", query="ban={version}"),
    "set_form_state": done(MANAGE, "form_id"),
    "reissue_draft": done(MANAGE, "form_id"),
    "discard_draft": done(MANAGE, "form_id"),
    "give_draft_file": done(MANAGE, "form_id"),
    "publish_draft": done(MANAGE, "form_id"),
    "preview": shown(REVIEW, "form_id", query="ban={version}"),
    "preview_screen": given(REVIEW, "form_id", query="ban={version}"),
    "preview_xform": given(REVIEW, "form_id", query="ban={version}"),
    # The form of these tests needs no file.
    "preview_file": given(REVIEW, "form_id", query="ban={version}&ten=anh.png", reads=404),
    "send_trial": done(MANAGE, "form_id"),
    "trial": shown(MANAGE, "form_id", query="phieu=uuid:trial"),
    "edit": asked(MANAGE, "instance_id", of=True),
    # Nobody has said what for.
    "edit_screen": given(MANAGE, "instance_id", of=True, query="ban=uuid:full-2", reads=403),
    "edit_stored": given(MANAGE, "instance_id", of=True, query="ban=uuid:full-2", reads=403),
    "edit_file": given(MANAGE, "instance_id", of=True, query="ban=uuid:full-2", reads=403),
    "send_edit": done(MANAGE, "instance_id", of=True),
    "quarantine": shown(REVIEW),
    "quarantined": asked(REVIEW, "quarantined_id", of=True),
}
# Of no project: for whoever comes.
OPEN: frozenset[str] = frozenset(
    {
        "front",
        "sign_in",
        "sign_in_code",
        "set_password",
        "invitation",
        "sign_out",
        "choose_language",
    }
)


def routes() -> dict[str, str]:
    """Return every address by its name."""
    return {
        str(pattern.name): str(pattern.pattern)
        for pattern in urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }


def address(name: str, ids: Mapping[str, object]) -> str:
    """Return where a page is for some things."""
    row, route = ROWS[name], routes()[name]
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(_value(name, found[1], ids)), route)
    return f"{path}?{row.query.format(**_known(ids))}" if row.query else path


def _value(name: str, param: str, ids: Mapping[str, object]) -> object:
    if param == "name":
        return "anh.jpg" if name == "record_file" else _known(ids)["period"]
    value = _known(ids)[param]
    return str(value) if isinstance(value, UUID) else value


def _known(ids: Mapping[str, object]) -> Mapping[str, object]:
    usual = {"kind": "xlsx", "uid": "05665@2025-07-01", "year": 2026, "period": "2026-h1"}
    return {**usual, **ids}
