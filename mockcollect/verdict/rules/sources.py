"""Source keys against the known sources. `Sources` asks these: it knows them."""

from __future__ import annotations

from mockcollect.verdict.rules import elsewhere, rule

_OVERVIEW = "vendor documentation, features/sources/overview.md"

rule(
    "token.unknown",
    "error",
    "The source key is one of the known sources.",
    remedy="Copy the key from the source's page, or add the source to those known.",
    source=_OVERVIEW,
)(elsewhere)
rule(
    "token.inactive",
    "error",
    "The source of the key is active.",
    remedy="Activate the source in the platform, or use the key of another.",
    source=_OVERVIEW,
)(elsewhere)
rule(
    "tc_s.mismatch",
    "error",
    "The source key belongs to the site in `tc_s`.",
    remedy="Take `tc_s` and `token` from the same source.",
    source="vendor documentation, features/sources/sources-catalog/web/js-sdk",
)(elsewhere)
rule(
    "environment.mixed",
    "warning",
    "Tests use no key of production, and production no key of another environment.",
    remedy="Give each environment a source of its own, and configure its key there.",
    source="vendor documentation, "
    "getting-started/platform-interface/prod-and-testing-environments.md",
)(elsewhere)
rule(
    "test_code.left",
    "note",
    "Events of a production source carry no `test_code`.",
    remedy="Send `test_code` only while you look at events in the inspector.",
    source="vendor documentation, features/sources/live-event-inspector.md",
)(elsewhere)
