"""How the queue of a device fares, from what it sends: what came again, and what was refused."""

from __future__ import annotations

import threading
from collections import Counter

from django.db.models import F
from django.utils import timezone

from server.projects.models import AppUser

# Posts that brought nothing new, by device, until `access.seen` writes them, once a minute: a
# re-send is answered without writing anything. A process that ends forgets what it has not
# written, which is no loss: this is no record, it says where to look.
_resends: Counter[int] = Counter()
_lock = threading.Lock()


def resent(app_user: AppUser) -> None:
    """Count a post that brought nothing new: an answer was lost on the way, or a phone is stuck."""
    count_again(app_user.pk, 1)


def count_again(app_user_id: int, resends: int) -> None:
    """Count so many."""
    with _lock:
        _resends[app_user_id] += resends


def take(app_user_id: int) -> int:
    """Return what was counted for a device, and begin again at none."""
    with _lock:
        return _resends.pop(app_user_id, 0)


def refused(app_user: AppUser, code: str) -> None:
    """Note that something a device sent was refused; what it was stays on the phone.

    code: of the Problem, e.g. "submission.form_closed".
    """
    AppUser.objects.filter(pk=app_user.pk).update(
        refusals=F("refusals") + 1, last_refused_at=timezone.now(), last_refusal=code
    )
