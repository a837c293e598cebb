"""An app that wears the theme files: the wanted one before the first paint, the others when there is time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ralph.tui.border import BorderedApp
from ralph.tui.themes import HOUSE, own_variables, read_themes, theme_files


class ThemedApp(BorderedApp):
    """A bad theme file is told in a notice, never fatal."""

    def __init__(self, folders: Sequence[Path], theme: str) -> None:
        super().__init__()
        self._theme_folders = folders
        self._bad_themes: list[str] = []
        self._use_theme(theme)

    def load_themes(self) -> None:
        """Read all theme files, and tell which of them are bad."""
        self._add_themes(theme_files(self._theme_folders))
        if self._bad_themes:
            self.notify("\n".join(self._bad_themes), title="themes", severity="warning", markup=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return own_variables(self.current_theme)

    def _use_theme(self, name: str) -> None:
        """Only the wanted theme is read before the first paint, and the house's if that is not to be had."""
        files = {path.stem: path for path in theme_files(self._theme_folders)}
        for wanted in (name, HOUSE):
            if wanted in files:
                self._add_themes([files[wanted]])
            if wanted in self.available_themes:
                self.theme = wanted
                break
            if wanted not in files:
                self._bad_themes.append(f"there is no theme '{wanted}'")

    def _add_themes(self, files: Sequence[Path]) -> None:
        read = read_themes(files)
        for theme in read.loaded:
            self.register_theme(theme)
        self._bad_themes += [f for f in read.failed if f not in self._bad_themes]
