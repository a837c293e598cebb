"""What holds for all tests: examples of properties are not timed, for the machine may be busy."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from hypothesis import settings

settings.register_profile("untimed", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("untimed")

# A shell starts a background job with SIGINT ignored, and every process that a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tracing for coverage doubles the CPU of a test. The first cases of a parametrised test reach most lines that its other
# cases reach: coverage is 3 % lower than with all of them (88.8 against 92.0).
TRACED = 2


@pytest.fixture(autouse=True)
def no_sdk_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """`transport: auto` takes an SDK that is loaded: what ran before in this process must not decide."""
    monkeypatch.setattr("ralph.providers._transport.is_loaded", lambda name: False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[str] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0]
        seen[name] += 1
        if seen[name] > TRACED:
            item.add_marker(pytest.mark.no_cover)
