"""The keys of a filter that ask for verdicts and their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from mockcollect.recording.conditions import Condition, Key
from mockcollect.recording.records import RecordedRequest
from mockcollect.recording.values import read_one_of, read_pattern
from mockcollect.verdict.verdict import LEVELS, Verdict

_VERDICTS: dict[str, Callable[[Verdict], bool]] = {
    "valid": lambda verdict: verdict.name == "valid",
    "note": lambda verdict: verdict.name == "valid" and bool(verdict.findings),
    "invalid": lambda verdict: verdict.name != "valid",
    "invalid-accepted": lambda verdict: verdict.name == "invalid-accepted",
    "invalid-rejected": lambda verdict: verdict.name == "invalid-rejected",
}
"""The words of `verdict:`; `note` is valid with a remark, `invalid` either of two."""


class _Codes:
    """The codes of all findings, read when somebody asks for one."""

    def __iter__(self) -> Iterator[str]:
        from mockcollect.verdict.rules import all_rules

        return iter(all_rules())


_CODES = _Codes()


def _read_verdict(text: str, _: datetime | None) -> Condition:
    # As the platform writes them too: INVALID REJECTED.
    spelled = text.lower().replace(" ", "-").replace("_", "-")
    word = read_one_of(tuple(_VERDICTS), spelled)
    return _of_verdict(word, _VERDICTS[word])


def _read_finding(text: str, _: datetime | None) -> Condition:
    code = text.lower()
    if "*" not in code:
        read_one_of(tuple(_CODES), code)
    holds = read_pattern(code)
    return _of_verdict(
        code, lambda verdict: any(holds(one.code) for one in verdict.findings)
    )


def _read_level(text: str, _: datetime | None) -> Condition:
    level = read_one_of(LEVELS, text.lower())
    return _of_verdict(
        level, lambda verdict: any(one.level == level for one in verdict.findings)
    )


def _of_verdict(value: str, holds: Callable[[Verdict], bool]) -> Condition:
    """Return the condition of a verdict: an empty batch has one, a refused one none."""

    def of_request(recorded: RecordedRequest) -> bool:
        verdict = recorded.verdict
        return verdict is not None and holds(verdict)

    return Condition(value, lambda recorded: holds(recorded.verdict), of_request)


VERDICT_KEYS = (
    Key(
        "verdict",
        f"What production would make of the event: {', '.join(_VERDICTS)}.",
        f"one of {', '.join(_VERDICTS)}, as in `verdict:invalid-rejected`",
        _read_verdict,
        tuple(_VERDICTS),
    ),
    Key(
        "finding",
        "The code of a finding; * stands for any text.",
        "the code of a rule, as in `finding:timestamp.seconds` or `finding:token.*`",
        _read_finding,
        _CODES,
    ),
    Key(
        "level",
        f"The level of a finding: {', '.join(LEVELS)}.",
        f"one of {', '.join(LEVELS)}, as in `level:error`",
        _read_level,
        LEVELS,
    ),
)
