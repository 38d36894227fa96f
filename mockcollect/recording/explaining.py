"""Explanations that are remembered: a large body takes a while to be read again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import blake2b

from mockcollect.contract.event import CollectRequest, Refusal
from mockcollect.contract.refusal import Explanation, explain

REMEMBERED_EXPLANATIONS = 256

_Key = tuple[Refusal, str, bool, bytes]


class Explanations:
    """Explains refusals, and remembers the latest by all that they are made from.

    Not by the request's number: a request can be changed through the live TinyDB.
    """

    def __init__(self, most: int = REMEMBERED_EXPLANATIONS) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, Explanation] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, refusal: Refusal, request: CollectRequest) -> Explanation:
        """Return why a request was refused."""
        whole = not request.truncated
        encoding = request.headers.get("content-encoding", "")
        key = (refusal, encoding, whole, blake2b(request.body).digest())
        with self._lock:
            known = self._kept.pop(key, None)
        found = known or explain(refusal, request.body, request.headers, whole=whole)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


EXPLANATIONS = Explanations()
"""Shared by all who look at what was recorded."""
