"""What was taken out and may still come back."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from mockcollect.errors import UndoExpired
from mockcollect.recording.files import Locator
from mockcollect.recording.interface import UNDO_SECONDS, Cleared
from mockcollect.recording.storage import Places


@dataclass(frozen=True, slots=True)
class Undo:
    """What one `clear` took out, where it still stands, and until when."""

    cleared: Cleared
    places: dict[Locator, Places]
    deadline: float


class Undos:
    """The undos that still hold, each by its token."""

    def __init__(self) -> None:
        self._kept: dict[str, Undo] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, events: int, requests: int, places: dict[Locator, Places]) -> Cleared:
        """Keep what was taken out for a while, and return its token with the counts."""
        cleared = Cleared(events, requests, secrets.token_hex(8))
        deadline = time.monotonic() + UNDO_SECONDS
        self._kept[cleared.token] = Undo(cleared, places, deadline)
        return cleared

    def get(self, token: str) -> Undo:
        """Return what a token brings back; raises UndoExpired."""
        if not self.hold() or token not in self._kept:
            raise UndoExpired(
                "There is nothing to undo for this token. "
                f"An undo holds for {UNDO_SECONDS:.0f} seconds, and only once."
            )
        return self._kept[token]

    def forget(self, token: str) -> None:
        """Let go of what has come back."""
        del self._kept[token]

    def hold(self) -> bool:
        """Return whether any undo still holds, and let go of those that do not."""
        now = time.monotonic()
        if any(now > undo.deadline for undo in self._kept.values()):
            self._kept = {
                token: undo
                for token, undo in self._kept.items()
                if now <= undo.deadline
            }
        return bool(self._kept)
