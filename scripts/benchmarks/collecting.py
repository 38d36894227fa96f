"""One event at a time over sixteen connections, beside those who do the same."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load import press
from benchmarks.plan import Plan, middle, quotients
from benchmarks.report import NotMeasured, Row, Target, rate
from benchmarks.servers import PEERS, Peer, mockcollect

TARGETS = {
    "nginx": Target(">=", 0.15, "×"),
    "mockttp": Target(">=", 3, "×"),
    "WireMock": Target(">=", 1.5, "×"),
}
OURS = {"in memory": "collect", "--db": "collect --db"}

_WARM_UP_WINDOWS = 15
_STILL_WARMING = 1.05
_WARM_UP_SECONDS = 1


def measure(plan: Plan) -> list[Row]:
    """Compare our rate with each peer's, in memory and in a file."""
    rates: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        peers, missing = _start_peers(stack, plan)
        for number in range(plan.rounds):
            plan.say(f"collect: round {number + 1} of {plan.rounds}")
            for name in OURS:
                rates[name].append(_our_rate(plan, name, number))
            for name, peer in peers.items():
                rates[name].append(_peer_rate(plan, peer))
    return [
        _row(ours, peer, rates, missing.get(peer, ""))
        for ours in OURS
        for peer in PEERS
    ]


def _start_peers(
    stack: ExitStack, plan: Plan
) -> tuple[dict[str, Peer], dict[str, str]]:
    peers: dict[str, Peer] = {}
    missing: dict[str, str] = {}
    for name, start in PEERS.items():
        plan.say(f"collect: warming {name} up")
        try:
            peers[name] = peer = stack.enter_context(start(plan.folder))
            _warm_up(peer)
        except NotMeasured as error:
            peers.pop(name, None)
            missing[name] = str(error)
    return peers, missing


def _warm_up(peer: Peer) -> None:
    """Press until a window is hardly faster than the best before it, then freeze.

    A frozen peer costs the others nothing, and stays as warm as it is.
    """
    best = 0.0
    for _ in range(_WARM_UP_WINDOWS):
        now = press(peer.server, _WARM_UP_SECONDS).rate
        if now < best * _STILL_WARMING:
            break
        best = now
    peer.forget()
    peer.server.pause()


def _our_rate(plan: Plan, name: str, number: int) -> float:
    """Measure a server that was just started: it needs no warming up to speak of."""
    options: list[str | Path] = []
    if name == "--db":
        options = ["--db", plan.folder / f"collect-{number}.db"]
    with mockcollect(*options) as server:
        press(server, _WARM_UP_SECONDS)
        return press(server, plan.seconds).rate


def _peer_rate(plan: Plan, peer: Peer) -> float:
    peer.server.resume()
    press(peer.server, _WARM_UP_SECONDS)
    now = press(peer.server, plan.seconds).rate
    peer.forget()
    peer.server.pause()
    return now


def _row(ours: str, peer: str, rates: dict[str, list[float]], missing: str) -> Row:
    name = f"{OURS[ours]} against {peer}"
    if missing:
        return Row(name, TARGETS[peer], not_measured=missing)
    ratios = quotients(rates[ours], rates[peer])
    return Row(
        name,
        TARGETS[peer],
        middle(ratios),
        rate(middle(rates[ours])),
        rate(middle(rates[peer])),
        ratios,
    )
