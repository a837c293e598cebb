"""What the providers' files offer, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec
from ralph.registry import builtin_names, load

MINE = ("anthropic", "openai", "groq", "huggingface", "openai_compatible", "ollama")
ROLES = {"route", "tool", "format", "summarise"}


@pytest.mark.parametrize("name", MINE)
def test_a_spec_is_whole(name: str) -> None:
    spec: ProviderSpec = load("providers", name)
    assert name in builtin_names("providers")
    assert spec.summary
    assert spec.connect
    assert "\n" not in spec.connect
    assert set(spec.preferred) in (ROLES, set())
    assert spec.needs_key == bool(spec.key_variables)
    provider = spec.open(ProviderSettings(name, name, api_key="k", base_url=spec.base_url or "http://127.0.0.1:1/v1"))
    assert provider.name == name


def test_the_order_is_documented() -> None:
    orders = {name: load("providers", name).order for name in MINE}
    assert orders == {
        "anthropic": 10,
        "openai": 20,
        "groq": 40,
        "huggingface": 50,
        "openai_compatible": 60,
        "ollama": 70,
    }


def test_importing_them_loads_nothing_heavy() -> None:
    code = (
        f"import sys, importlib\nfor n in {MINE!r}: importlib.import_module('ralph.providers.' + n)\n"
        "print([m for m in ('anthropic', 'openai', 'httpx', 'httpx2', 'pydantic', 'truststore') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
