"""An app with theme files. It reads the wanted theme before the first paint, and the others when it is idle."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

from ralph.core.errors import NotFound, nearest
from ralph.tui.crash_guard import GuardedApp
from ralph.tui.themes import HOUSE, own_variables, read_themes, theme_files

# Seconds between two looks at the times of a person's own theme files. Without a folder there are no looks.
WATCH_S = 2.0


class ThemedApp(GuardedApp):
    """An app with themes from files. A notice reports a bad theme file; no theme ends the program."""

    def __init__(self, shipped: Path, own: Sequence[Path], theme: str) -> None:
        # `NO_COLOR` leaves bold, underline, reverse and the terminal's two default colours, but no shades of grey.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._shipped_themes = shipped
        self._own_themes = own
        self._good_themes: set[str] = set()
        self._bad_themes: list[str] = []
        self._stamps: Mapping[Path, tuple[int, int]] = {}
        self._use_theme(theme)

    def load_themes(self) -> None:
        """Read all theme files, report the bad ones, and watch a person's own files from now on."""
        self._stamps = _stamps(self._own_themes)
        self._add_themes(theme_files((self._shipped_themes, *self._own_themes)))
        self._tell_bad_themes()
        if any(folder.is_dir() for folder in self._own_themes):
            self.set_interval(WATCH_S, self.reload_themes)

    def reload_themes(self) -> None:
        """Read the changed files again. A bad file leaves the look as it was."""
        now = _stamps(self._own_themes)
        changed = [path for path, stamp in now.items() if self._stamps.get(path) != stamp]
        self._stamps = now
        if changed:
            self._bad_themes.clear()
            if self.theme in self._add_themes(changed):
                self._watch_theme(self.theme)  # Textual compares only the name, and the name is the same
            self._tell_bad_themes()

    def on_app_focus(self) -> None:
        """Read changed files, because a person who comes back may have saved in an editor."""
        if self._stamps:
            self.reload_themes()

    def themes(self) -> Sequence[str]:
        """Return the names of the shipped and the person's own themes. The current theme comes first."""
        if len(self._good_themes) < 2:  # called before the idle read
            self._add_themes(theme_files((self._shipped_themes, *self._own_themes)))
        self.reload_themes()
        return (self.theme, *sorted(self._good_themes - {self.theme}))

    def use_theme(self, theme: str) -> None:
        """Use another theme until the program ends. Raise `NotFound`."""
        names = self.themes()
        if theme not in self.available_themes:
            close = nearest(theme, names, 1)
            hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(sorted(names))}"
            raise NotFound(f"there is no theme '{theme}'{hint}")
        self.theme = theme

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield a screenshot. The palette has the slash commands, and Textual's other own commands are left out."""
        yield SystemCommand("Screenshot", "save this screen as SVG, in the working directory", self.take_picture)

    def take_picture(self) -> None:
        """Save a picture once the palette is gone."""
        self.set_timer(0.1, self._save_picture)

    def _save_picture(self) -> None:
        try:
            path = self.save_screenshot(path=os.curdir)
        except OSError as error:
            self.notify(f"the picture could not be saved: {error.strerror}", severity="warning", markup=False)
        else:
            self.notify(f"saved {Path(path).name}", markup=False)

    def refresh_css(self, animate: bool = True) -> None:
        """Before there is a screen, set only the variables: a new parse of the styles would cost 15 ms."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return own_variables(self.current_theme)

    def _use_theme(self, name: str) -> None:
        """Read only the wanted theme before the first paint, or the theme of the house if that fails."""
        files = {path.stem: path for path in theme_files((self._shipped_themes, *self._own_themes))}
        for wanted in (name, HOUSE):
            if wanted in files:
                self._add_themes([files[wanted]])
            if wanted in self.available_themes:
                self.theme = wanted
                break
            if wanted not in files:
                close = nearest(wanted, files, 1)
                self._bad_themes.append(
                    f"there is no theme '{wanted}'" + (f"; did you mean '{close[0]}'?" if close else "")
                )

    def _add_themes(self, files: Sequence[Path]) -> list[str]:
        read = read_themes(files)
        for theme in read.loaded:
            self.register_theme(theme)
        self._bad_themes += [f for f in read.failed if f not in self._bad_themes]
        names = [theme.name for theme in read.loaded]
        self._good_themes.update(names)
        return names

    def _tell_bad_themes(self) -> None:
        if self._bad_themes:
            self.notify("\n".join(self._bad_themes), title="themes", severity="warning", markup=False)


def _stamps(folders: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    """Return the time of change and the size of each theme file. A file that is being replaced is left out."""
    made = {}
    for path in theme_files(folders):
        try:
            status = path.stat()
        except OSError:
            continue
        made[path] = (status.st_mtime_ns, status.st_size)
    return made
