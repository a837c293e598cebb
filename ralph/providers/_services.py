"""The services of `services.yaml` as providers: one row of the table is one provider."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

TABLE = Path(__file__).with_name("services.yaml")
OPTIONS: Mapping[str, Any] = {
    "schema": "",  # json_schema | json_object | off: how a given shape is asked for; empty: the service's own way
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
    "headers": {},  # more headers for each request
}
# A server on this machine may answer one request at a time.
LOCAL_OPTIONS: Mapping[str, Any] = {**OPTIONS, "one_slot": None}

# After the vendors that have an adapter of their own (10 to 60), in the order of the table.
FIRST_ORDER = 70


def read_services() -> Mapping[str, ProviderSpec]:
    """Return every service of the table by name."""
    import yaml  # late: most runs need no service

    table: Mapping[str, Mapping[str, Any]] = yaml.load(TABLE.read_bytes(), yaml.CSafeLoader)
    return {name: _spec(name, row, FIRST_ORDER + at) for at, (name, row) in enumerate(table.items())}


def _spec(name: str, row: Mapping[str, Any], order: int) -> ProviderSpec:
    wants_key = row.get("key") != "none"
    variable = row.get("key", f"{name.upper()}_API_KEY")
    return ProviderSpec(
        open=partial(_open, row),
        summary=row["summary"],
        key_variables=(variable,) if wants_key else (),
        url_variables=() if wants_key else (f"{name.upper()}_BASE_URL",),
        base_url=row["base_url"],
        needs_key=wants_key,
        local=not wants_key,
        options=OPTIONS if wants_key else LOCAL_OPTIONS,
        connect=f"export {variable}=…  (a key from {row['keys_at']})" if wants_key else row["start"],
        order=order,
        price_table=row.get("prices", ""),
    )


def _open(row: Mapping[str, Any], settings: ProviderSettings) -> Provider:
    # Late: the offer alone needs no adapter.
    from ralph.providers._chat_dialect import open_dialect
    from ralph.providers._chat_request import ChatDialect

    dialect = ChatDialect(**row.get("dialect", {}))
    return open_dialect(settings, dialect, row["base_url"])
