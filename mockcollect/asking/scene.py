"""What there was to see when an assertion failed, and the lines that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockcollect.asking.describing import event_rows, joined, plural, rows
from mockcollect.recording.records import RecordedEvent, RecordedRequest

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Stray:
    """An event that arrived but counts for no assertion of this test, and why."""

    recorded: RecordedEvent
    why: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What there was to see when an assertion failed.

    `events` are those of this test, `requests` its requests without events, `strays`
    what was not counted. `seconds` is how long was waited or watched. `url` is where
    mockcollect listened, `variables` what names it to the code under test. `artifact`
    is the file that will hold all events, and `hints` are further sentences.
    """

    events: Sequence[RecordedEvent] = ()
    requests: Sequence[RecordedRequest] = ()
    strays: Sequence[Stray] = ()
    seconds: float = 0.0
    url: str = ""
    variables: Sequence[str] = ()
    artifact: str | None = None
    hints: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing arrived that counts."""
        return not self.events and not self.requests

    @property
    def waited(self) -> str:
        """How long was waited: `2.0 s`."""
        return f"{self.seconds:.1f} s"

    @property
    def watched(self) -> str:
        """How long was watched that nothing comes."""
        return f"watched for {self.waited} after the last request"

    def nothing(self) -> str:
        """Return the sentence for a test in which nothing arrived."""
        if self.strays:
            return "Nothing arrived that counts for this test."
        return "No request arrived at all."

    def where(self) -> list[str]:
        """Return where mockcollect listened, and what should have led there."""
        if not self.url:
            return []
        if not self.variables:
            return [f"mockcollect listened on {self.url}."]
        was = "was" if len(self.variables) == 1 else "were"
        return [
            f"mockcollect listened on {self.url} "
            f"({joined(self.variables, 'and')} {was} set to it).",
            f"Check that the code under test reads {joined(self.variables, 'or')}, "
            "and reads it during the test, not on import.",
        ]

    def received(self) -> list[str]:
        """Return all that arrived, or that nothing did."""
        if self.is_empty:
            return [self.nothing(), *self.where()]
        counts = []
        if self.events:
            counts.append(plural(len(self.events), "event"))
        if self.requests:
            counts.append(f"{plural(len(self.requests), 'request')} without events")
        head = f"Received in this test, {' and '.join(counts)}:"
        return [head, *indented(rows(self.events, self.requests))]

    def not_counted(self) -> list[str]:
        """Return what arrived and belongs to other tests."""
        by_reason: dict[str, list[RecordedEvent]] = {}
        for stray in self.strays:
            by_reason.setdefault(stray.why, []).append(stray.recorded)
        reasons = list(by_reason.items())
        lines: list[str] = []
        for why, events in reasons[:MOST_REASONS]:
            lines += [f"Not counted, {why}:", *indented(event_rows(events, most=3))]
        if hidden := sum(len(events) for _, events in reasons[MOST_REASONS:]):
            lines.append(f"Not counted either: {plural(hidden, 'more event')}.")
        return lines

    def look(self) -> list[str]:
        """Return where all of it can be read."""
        if self.artifact is None or self.is_empty:
            return []
        return [f"Look at them: mockcollect events --file {self.artifact}"]

    def whole(self, *parts: Sequence[str], listed: Sequence[RecordedEvent] = ()) -> str:
        """Return a text that ends with all that arrived, and where it is kept.

        `listed` are events that stand in it already.
        """
        is_told = len(listed) == len(self.events) > 0 and not self.requests
        received = [] if is_told else self.received()
        return text(*parts, received, self.not_counted(), self.hints, self.look())


def text(*parts: Sequence[str]) -> str:
    """Return parts of lines as one text, an empty line between them."""
    return "\n\n".join("\n".join(part) for part in parts if part)


def indented(lines: Sequence[str]) -> list[str]:
    """Return lines moved in by two."""
    return [f"  {line}" for line in lines]
