"""What can go wrong when a program makes, tries, publishes or removes a form.

Needs no Django, as server.forms.problems.
"""

from __future__ import annotations

from server.errors import Problem


class DraftNotThere(Problem):
    """A form that has no draft just now."""

    code = "form.draft_missing"
    status = 404
    vi = "Biểu {form_id} không có bản thử. Tạo bản thử trước (POST …/forms/{form_id}/draft)."
    en = "Form {form_id} has no draft. Make one first (POST …/forms/{form_id}/draft)."
    central = 404.1
