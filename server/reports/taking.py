"""What somebody takes away: which records, as they are or de-identified, and the entry of it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from server.forms.models import Form
from server.inspections import summary
from server.inspections.readers import reader
from server.inspections.review import REVIEWERS
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Membership
from server.reports import deidentified, records, selection, sensitive_sums
from server.reports.deidentified import Deidentified
from server.reports.models import Profile
from server.reports.problems import ProfileRefused
from server.reports.records import Beat, still
from server.reports.selection import Selection


@dataclass(frozen=True, slots=True)
class Taken:
    """The records of a file, and how they are shown."""

    form: Form
    asked: Selection
    keys: array[int]
    hidden: Deidentified | None  # None: as they came

    @property
    def profile(self) -> Profile:
        """Tell how much of the records is in it."""
        return Profile.FULL if self.hidden is None else Profile.DEIDENTIFIED

    @property
    def stem(self) -> str:
        """Return the file's name before its ending: nobody may send the one for the other."""
        return self.form.form_id if self.hidden is None else f"{self.form.form_id}-khu-nhan-dang"


def take(
    membership: Membership, asked: Selection, *, is_deidentified: bool, beat: Beat = still
) -> Taken:
    """Return the records that are asked for and that a person may take away in this profile.

    beat: called again and again, where it takes long.
    Raises ProfileRefused to whoever sees no records and asks for them as they are; FormUnknown;
    SensitivityMissing, FilterTooFine.
    """
    if not is_deidentified and membership.role not in REVIEWERS:
        raise ProfileRefused
    form = summary.published_form(membership.project_id, asked.form_id)
    if not is_deidentified:
        chosen = records.chosen(selection.select(membership, asked))
        return Taken(form, asked, chosen, None)
    chosen = records.chosen(selection.select_deidentified(membership, asked))
    sums = sensitive_sums.lines(form, asked, reader(membership))
    hidden = deidentified.prepare(form, chosen, sums, beat)
    return Taken(form, asked, hidden.keys, hidden)


def tell(by: Actor, taken: Taken, file_format: str, purpose: str = "") -> None:
    """Write into the audit log who takes what away: format, profile, filters, rows, purpose."""
    what = Object("form", taken.form.form_id, taken.form.project_id)
    said: dict[str, object] = {
        "format": file_format,
        "profile": taken.profile.value,
        "rows": len(taken.keys),
        "filters": filters(taken.asked),
        "purpose": purpose,
    }
    if taken.hidden is not None:
        said["anonymity"] = taken.hidden.anonymity.as_json()
    audit.record(by, "form.submission.export", what, said)


def filters(asked: Selection) -> Mapping[str, object]:
    """Return the filters that restrict something, as the log may hold them."""
    said = selection.without_words(selection.dump(asked))
    return {name: value for name, value in said.items() if name != "form_id"}
