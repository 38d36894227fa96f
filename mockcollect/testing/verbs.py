"""The verbs of the inspector, and help for who names one and goes no further.

A forgotten pair of brackets, or a forgotten `await`, leaves an assertion that proves
nothing: each is noted when it is named, and a test that ends with one left fails.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from types import FrameType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """An assertion that was begun in a line of a file, and left unfinished."""

    file: str
    line: int
    advice: str


def verb(function: Function) -> Function:
    """Make a method of an inspector a verb: to name it without a call is noted."""
    return cast(Function, _Verb(function))


def awaitable(
    function: Callable[Concatenate[Any, Parameters], Result],
) -> Callable[Concatenate[Any, Parameters], Pending[Result]]:
    """Return a verb as one to await: it waits in a thread, so the loop goes on."""

    @wraps(function)
    def later(
        owner: Any, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Pending[Result]:
        _require_name(function, args, kwargs)
        inspector = owner.inspector
        left = _left(
            inspector,
            sys._getframe(1),
            f"aio.{function.__name__} is not awaited, so it proves nothing. "
            f"Write await mockcollect.aio.{_example(function)}.",
        )
        return Pending(
            lambda: function(inspector, *args, **kwargs),
            done=lambda: _forget(inspector, left),
        )

    return cast(Callable[Concatenate[Any, Parameters], Pending[Result]], later)


class Pending(Generic[Result]):
    """An assertion that is made once it is awaited."""

    def __init__(self, make: Callable[[], Result], *, done: Callable[[], None]) -> None:
        self._make = make
        self._done = done

    def __await__(self) -> Generator[Any, None, Result]:
        __tracebackhide__ = True
        self._done()
        result, error = yield from _in_thread(self._outcome).__await__()
        if error is not None:
            # Raised from here: the frames of the thread tell nobody anything.
            raise error.with_traceback(None)
        return cast(Result, result)

    def _outcome(self) -> tuple[Result | None, Exception | None]:
        try:
            return self._make(), None
        except Exception as error:
            return None, error


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Return what some work returns, done in a thread of its own.

    The loop's own threads are few, and the code under test may need them to send. And a
    loop that closes waits for them: a cancelled wait would hold it up to its timeout.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result) -> None:
        if not future.done():  # which it is once cancelled
            future.set_result(result)

    def run() -> None:
        result = work()
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, result)

    context = contextvars.copy_context()
    threading.Thread(
        target=context.run, args=(run,), name="mockcollect-waiting", daemon=True
    ).start()
    return await future


class _Verb:
    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self._function
        return _Named(owner, self._function, sys._getframe(1))


class _Named:
    """A verb of one inspector, named and not called yet."""

    def __init__(
        self, owner: Any, function: Callable[..., Any], frame: FrameType
    ) -> None:
        self._owner = owner
        self._function = function
        self.__doc__ = function.__doc__
        self._left = _left(
            owner,
            frame,
            f"{function.__name__} is named and not called, so it proves nothing. "
            f"Write mockcollect.{_example(function)}.",
        )

    @property
    def __signature__(self) -> inspect.Signature:
        whole = inspect.signature(self._function)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        _forget(self._owner, self._left)
        _require_name(self._function, args, kwargs)
        return self._function(self._owner, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<mockcollect.{self._function.__name__}, not called>"


def _left(owner: Any, frame: FrameType, advice: str) -> Left:
    left = Left(frame.f_code.co_filename, frame.f_lineno, advice)
    owner.left.append(left)
    return left


def _forget(owner: Any, left: Left) -> None:
    if left in owner.left:
        owner.left.remove(left)


def _takes_name(function: Callable[..., Any]) -> bool:
    return "event_name" in function.__code__.co_varnames[1:2]


def _require_name(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Raise TypeError where the event's name is missing or none, or not alone."""
    __tracebackhide__ = True
    if not _takes_name(function):
        return
    name = function.__name__
    if not args:
        given = kwargs.get("event_name", "purchase")
        raise TypeError(
            f"{name} needs the event's name, first and without a keyword: "
            f"mockcollect.{name}({given!r})."
        )
    if len(args) > 1:
        raise TypeError(
            f"{name} takes properties by keyword, and got {args[1]!r} without one. "
            f"Write mockcollect.{name}({args[0]!r}, revenue=16.0), or ** before a dict."
        )
    if not isinstance(args[0], str) or not args[0]:
        raise TypeError(
            f"{name} needs the event's name, a text, and got {args[0]!r}. "
            f"Write mockcollect.{_example(function)}."
        )


def _example(function: Callable[..., Any]) -> str:
    return f"{function.__name__}({EXAMPLES.get(function.__name__, '')})"


EXAMPLES = {
    "assert_sent": "'purchase'",
    "assert_sent_once": "'purchase'",
    "assert_not_sent": "'refund'",
    "wait_for": "'purchase'",
    "sent": "'purchase'",
    "assert_sequence": "['page_view', 'purchase']",
    "fail_next": "2, status=503",
    "delay": "1.5",
    "drip_answer": "1.5",
    "add_fault": "'event:purchase', status=503, probability=0.5",
}
"""What the advice shows between the brackets."""
