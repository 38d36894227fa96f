"""Events as they arrive, laid out for a plan or for the known sources."""

from __future__ import annotations

from typing import Any

from mockcollect.contract.event import CollectRequest, Event
from mockcollect.contract.layouts import read_event
from mockcollect.contract.source import Source
from mockcollect.contract.wire import receive
from mockcollect.verdict.plan import Plan, parse_plan
from mockcollect.verdict.subject import Subject


def plan(text: str) -> Plan:
    return parse_plan(text, name="tracking_plan.yml")


def planned(*properties: str) -> Plan:
    """Return a plan of the event `purchase`, with these lines as its properties."""
    return plan(
        "events:\n  purchase:\n" + "".join(f"    {one}\n" for one in properties)
    )


def purchase(**properties: Any) -> dict[str, Any]:
    return {"event_name": "purchase", **properties}


def event_of(data: Any, *, query: str = "tc_s=29&token=k1") -> Event:
    """Return an event as it was read from a request, whatever its JSON."""
    source = dict(one.split("=") for one in query.split("&") if one)
    return read_event(data, Source(source.get("tc_s"), source.get("token")), size=0)


def subject(data: Any, *, query: str = "tc_s=29&token=k1") -> Subject:
    return of_event(event_of(data, query=query), query)


def pixel(query: str) -> Subject:
    answer = receive("GET", "/events", query, {}, b"")
    return of_event(answer.events[0], query)


def of_event(event: Event, query: str = "") -> Subject:
    request = CollectRequest("POST", "/events", query)
    return Subject(event, request, endpoint="events", received_at=0)


def said(plan: Plan, data: Any) -> list[str]:
    return [finding.message for finding in plan.check(subject(data))]
