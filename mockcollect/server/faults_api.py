"""The inspection API's part on faults: the rules, and how often each has acted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Response, request

from mockcollect.errors import InvalidFault
from mockcollect.server import parameters
from mockcollect.server.faults import read_rules
from mockcollect.server.replies import error_reply, json_reply

if TYPE_CHECKING:
    from mockcollect.server.faults import Faults


class FaultViews:
    """Shows, replaces and removes the fault rules."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def rules(self) -> Response:
        """Return the rules with how often each has acted."""
        parameters.only()
        return self._reply()

    def put(self) -> Response:
        """Have these rules and no others; an empty body removes all."""
        parameters.only()
        body = parameters.body()
        try:
            self._faults.use(read_rules(orjson.loads(body)) if body.strip() else ())
        except orjson.JSONDecodeError as error:
            return _invalid(
                f"the body is not JSON: {error}",
                line=error.lineno,
                column=error.colno,
            )
        except InvalidFault as error:
            return _invalid(str(error), place=error.place, suggestion=error.suggestion)
        return self._reply()

    def delete(self) -> Response:
        """Remove all rules, or one."""
        parameters.only("id")
        number = parameters.integer("id", None, low=1)
        parameters.no_body("PUT takes other rules; DELETE just removes them.")
        removed = self._faults.remove(None if number is None else [number])
        if number is not None and not removed:
            message = f"There is no fault rule {request.args['id']}: nothing was done."
            return error_reply(404, "unknown-fault", message)
        return self._reply()

    def _reply(self) -> Response:
        return json_reply({"rules": self._faults.to_list()})


def _invalid(said: str, **details: int | str | None) -> Response:
    return error_reply(
        422,
        "invalid-faults",
        f"The fault rules cannot be used, and nothing has changed: {said}",
        **details,
    )
