"""Rules on event names."""

from __future__ import annotations

from collections.abc import Iterable

from mockcollect.verdict.nearness import nearest
from mockcollect.verdict.rules import Seen, elsewhere, rule
from mockcollect.verdict.standard import standard_events
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.words import quoted


@rule(
    "event_name.near_miss",
    "warning",
    "A custom event's name is not a slip in a standard event's name.",
    remedy="Send the standard name, or choose a name that is not so close to it.",
    source="events reference",
)
def near_miss(subject: Subject) -> Iterable[Seen]:
    """Custom names are legal: a slip in one is a custom event that nobody maps."""
    name = subject.event.event_name
    standard = standard_events()
    if name is None or name in standard.events or name in standard.other_names:
        return ()
    meant = nearest(name, standard.names())
    if meant is None:
        return ()
    path = "event" if subject.layout == "browser-v1" else "event_name"
    message = f"{path} {quoted(name)} is no standard event, and {meant} is one"
    return (Seen(path, message, name),)


rule(
    "event.unknown",
    "note",
    "An event is in the tracking plan.",
    remedy="Add the event to the plan, or mend its name.",
    source="tracking plan",
)(elsewhere)
