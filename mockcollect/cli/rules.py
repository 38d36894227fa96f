"""The command `rules`: what events are judged by, listed and explained."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import count, fail, option, remark

if TYPE_CHECKING:
    from mockcollect.verdict.rules import Rule

_REFUSED = frozenset({"encoding.gzip", "json.nan"})
"""What these find is answered 400: no verdict names them, the refusal does."""

_HOW_MUCH = {
    "error": "error: the verdict is invalid-accepted",
    "warning": "warning: the verdict is invalid-accepted",
    "note": "note: the verdict stays valid",
}
_REJECTS = "error, and it rejects the event: the verdict is invalid-rejected"
_ANSWERED_400 = "error: production answers 400, and nothing is collected"
_PLANNED = "; a tracking plan may say otherwise"


@click.command()
@click.argument("code", required=False)
@option(
    "--json", "as_json", is_flag=True, envvar="MOCKCOLLECT_JSON", help="Print JSON."
)
def rules(code: str | None, *, as_json: bool) -> None:
    """List the rules for events, or explain the one with a CODE.

    The first part of a code, such as `items`, lists the rules of that subject.

    \b
    Examples:
      mockcollect rules
      mockcollect rules timestamp.seconds
      mockcollect rules items --json
    """
    from mockcollect.verdict.rules import all_rules

    known = all_rules()
    if code in known:
        one = known[code]
        click.echo(_json(_data(one)) if as_json else _explained(one))
        return
    listed = [one for one in known.values() if code in (None, _subject(one))]
    if not listed:
        fail(_unknown(str(code), list(known)))
    click.echo(_json([_data(one) for one in listed]) if as_json else _listed(listed))
    if not as_json:
        remark(f"{count(len(listed), 'rule')}. mockcollect rules CODE explains one.")


def _subject(rule: Rule) -> str:
    return rule.code.partition(".")[0]


def _unknown(code: str, known: list[str]) -> str:
    from mockcollect.verdict.suggestions import shown

    near = get_close_matches(code.lower(), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "mockcollect rules lists them all."
    return f"no rule has the code {shown(code)}. {hint}"


def _listed(rules: list[Rule]) -> str:
    width = max(len(one.code) for one in rules)
    return "\n".join(
        f"{one.code:<{width}}  {_weight(one):<14}  {one.title}" for one in rules
    )


def _weight(rule: Rule) -> str:
    if rule.code in _REFUSED:
        return f"{rule.level}, refused"
    return f"{rule.level}, rejects" if _rejects(rule) else rule.level


def _rejects(rule: Rule) -> bool:
    from mockcollect.verdict.judge import REJECTING

    return rule.code in REJECTING


def _explained(rule: Rule) -> str:
    layouts = "all" if _is_for_all(rule) else ", ".join(sorted(rule.layouts))
    lines = [
        ("must hold", rule.title),
        ("level", _how_much(rule)),
        ("mend", rule.remedy),
        ("layouts", layouts),
        ("source", rule.source),
    ]
    shown = [f"  {name:<9}  {text}" for name, text in lines]
    return "\n".join([rule.code, "", *shown])


def _is_for_all(rule: Rule) -> bool:
    from mockcollect.verdict.rules import LAYOUTS

    return rule.layouts == frozenset(LAYOUTS)


def _how_much(rule: Rule) -> str:
    from mockcollect.verdict.actions import SITUATION_OF

    if rule.code in _REFUSED:
        return _ANSWERED_400
    said = _REJECTS if _rejects(rule) else _HOW_MUCH[rule.level]
    return said + _PLANNED * (rule.code in SITUATION_OF)


def _data(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "level": rule.level,
        "rejects": _rejects(rule),
        "title": rule.title,
        "remedy": rule.remedy,
        "source": rule.source,
        "layouts": sorted(rule.layouts),
    }


def _json(data: Any) -> bytes:
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2)
