"""The public names."""

from __future__ import annotations

import pytest

import mockcollect
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app


def test_the_public_names_are_those_of_their_rooms() -> None:
    assert mockcollect.TinyRecorder is TinyRecorder
    assert mockcollect.create_app is create_app


@pytest.mark.parametrize("name", mockcollect.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    named = getattr(mockcollect, name)
    assert getattr(named, "__name__", repr(named)) == name
    assert name in dir(mockcollect)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Recoder'"):
        mockcollect.Recoder  # noqa: B018
