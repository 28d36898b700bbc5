"""How many recommendations there are, by commune, state, severity and owner, and by deadline."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from server.entities.recommendation_states import LIST
from server.lengths import Length

_MOST = 32  # characters; no word that is asked for is so long
# Characters of `xa` in its index: phones may say anything there, and an index takes 2,700 bytes.
# One more than the longest uid, so that no longer text passes for one.
COMMUNE_MOST = 25


class RecommendationLength(Length):
    """Changes of how many living recommendations a list has (`server.lengths`).

    Three notes tell of each: of all communes, of its own, both with `due` "", and by its deadline
    of all communes, with `severity` and `owner` "". One without a deadline has no third.
    """

    COUNTED = f"""(
      SELECT entity_list_id, part.commune, state, part.severity, part.owner, part.due
      FROM (
        SELECT entity_list_id,
               nullif(left(data ->> 'xa', {COMMUNE_MOST}), '') AS xa,
               left(coalesce(nullif(data ->> 'trang_thai', ''), 'moi'), {_MOST}) AS state,
               left(coalesce(data ->> 'muc_do', ''), {_MOST}) AS muc_do,
               left(coalesce(data ->> 'chu_the', ''), {_MOST}) AS chu_the,
               nullif(left(data ->> 'han', 10), '') AS han
        FROM entities_entity
        WHERE deleted_at IS NULL
          AND entity_list_id IN (SELECT id FROM entities_entitylist WHERE name = '{LIST}')
      ) AS said CROSS JOIN LATERAL (
        VALUES ('', muc_do, chu_the, ''), (xa, muc_do, chu_the, ''), ('', '', '', han)
      ) AS part (commune, severity, owner, due)
      WHERE part.commune IS NOT NULL AND part.due IS NOT NULL
    ) AS counted"""  # noqa: S608  (our own words)
    KEYS: ClassVar = {
        "list_id": "entity_list_id",
        **{name: name for name in ("commune", "state", "severity", "owner", "due")},
        "block": "0",
    }

    commune = models.TextField()  # as it says it, or ""
    state = models.TextField()  # State
    severity = models.TextField()
    owner = models.TextField()
    due = models.TextField()  # as it says it, YYYY-MM-DD, or ""

    def __str__(self) -> str:
        return f"{self.list_id} {self.commune} {self.state} {self.rows:+}"
