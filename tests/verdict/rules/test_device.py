from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS
from tests.verdict.judging import findings, good, said, subject_of

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GOOD_DEVICE = {"ip": "203.0.113.24", "user_agent": BROWSER}
CODES = (
    "device.ip.missing",
    "device.ip.private",
    "device.user_agent.missing",
    "device.user_agent.library",
)


def codes(device: Any) -> list[str]:
    subject = subject_of(good("server", {"context.device": device}))
    return [code for code in CODES if said(code, subject)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"ip": None}, ["device.ip.missing"]),
        ({"ip": ""}, ["device.ip.missing"]),
        ({"ip": "127.0.0.1"}, ["device.ip.private"]),
        ({"ip": "10.1.2.3"}, ["device.ip.private"]),
        ({"ip": "172.31.0.1"}, ["device.ip.private"]),
        ({"ip": "192.168.1.1"}, ["device.ip.private"]),
        ({"ip": "169.254.169.254"}, ["device.ip.private"]),
        ({"ip": "::1"}, ["device.ip.private"]),
        ({"ip": "fd12::1"}, ["device.ip.private"]),
        ({"ip": "fe80::1%eth0"}, ["device.ip.private"]),
        ({"ip": "172.32.0.1"}, []),
        ({"ip": "10.example"}, []),
        ({"ip": "2001:db8::1"}, []),
        ({"ip": 10}, []),
        ({"user_agent": None}, ["device.user_agent.missing"]),
        ({"user_agent": "python-requests/2.34.0"}, ["device.user_agent.library"]),
        ({"user_agent": "Python-urllib/3.11"}, ["device.user_agent.library"]),
        ({"user_agent": "Python/3.11 aiohttp/3.14"}, ["device.user_agent.library"]),
        ({"user_agent": "curl/7.88.1"}, ["device.user_agent.library"]),
        ({"user_agent": "axios/1.21"}, ["device.user_agent.library"]),
        ({"user_agent": "node"}, ["device.user_agent.library"]),
        ({"user_agent": "Go-http-client/2.0"}, ["device.user_agent.library"]),
        ({"user_agent": "Java/17.0.1"}, ["device.user_agent.library"]),
        ({"user_agent": "GuzzleHttp/7"}, ["device.user_agent.library"]),
        ({"user_agent": "Dalvik/2.1.0 (Linux; U; Android 14)"}, []),
        ({"user_agent": "okhttp/4.12.0"}, []),  # apps send it too
        ({"user_agent": "MyShop/3.1 CFNetwork/1490"}, []),
        ({"user_agent": "gotham-browser/1"}, []),
        ({"user_agent": 5}, []),
    ],
)
def test_a_server_describes_the_visitors_device(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert codes({**GOOD_DEVICE, **changes}) == expected


@pytest.mark.parametrize("device", [None, {}, [], "phone"])
def test_a_device_that_is_none_lacks_both(device: Any) -> None:
    assert codes(device) == ["device.ip.missing", "device.user_agent.missing"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one != "server"])
def test_clients_leave_address_and_agent_to_the_platform(
    code: str, layout: Layout
) -> None:
    at = "device" if layout in ("1.0", "browser-v1") else "context.device"
    for device in ({}, {"ip": "10.1.2.3", "user_agent": "curl/8"}):
        assert said(code, subject_of(good(layout, {at: device}), layout)) == []


def test_a_library_is_named() -> None:
    device = {**GOOD_DEVICE, "user_agent": "curl/8.1"}
    subject = subject_of(good("server", {"context.device": device}))
    (one,) = findings("device.user_agent.library", subject)
    assert one.level == "warning"
    assert one.message == 'context.device.user_agent is "curl/8.1", an HTTP library'
