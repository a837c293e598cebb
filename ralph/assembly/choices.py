"""Keeps the choices of a person for later starts, if the person sits at the face."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from ralph.assembly.run_settings import RunSettings
from ralph.config.kept_choices import change_choices
from ralph.core.ports.choices import ChosenValue

log = logging.getLogger("ralph.assembly")


class LocalChoices:
    """Writes the state file. `lasting` says that choices are kept; a face with a person sets it."""

    def __init__(self, path: Path, settings: RunSettings, *, save: bool) -> None:
        self.lasting = False
        self._path = path
        self._settings = settings
        self._save = save

    async def keep(self, values: Mapping[str, ChosenValue]) -> str:
        if not self.lasting:
            return "choices are kept only from the screen"
        if why := await self._change(values):
            return why
        stronger = {self._settings.stronger[key] for key in values if key in self._settings.stronger}
        return f"{' and '.join(sorted(stronger))} overrides it" if stronger else ""

    async def forget(self, *keys: str) -> str:
        return await self._change({}, keys)

    def find_configured(self, key: str) -> ChosenValue:
        section, _, name = key.partition(".")
        found: ChosenValue = getattr(getattr(self._settings.configured, section), name)
        return found

    async def _change(self, values: Mapping[str, ChosenValue], dropped: tuple[str, ...] = ()) -> str:
        if not self._save:
            return "with --no-save nothing is kept"
        try:
            await asyncio.to_thread(change_choices, self._path, values, dropped)
        except OSError as error:
            log.warning("the choice could not be kept: %s", error)
            return f"{self._path} could not be written ({error.strerror})"
        return ""
