"""A list of options whose highlighted one shows without colours too."""

from __future__ import annotations

from textual.style import Style
from textual.widgets import OptionList

HIGHLIGHTED = "option-list--option-highlighted"


class Options(OptionList):
    """Textual loses `reverse` on its way from the style sheet to an option; under `NO_COLOR` nothing else is left."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        style = super().get_visual_style(*component_classes, partial=partial)
        return style + Style(reverse=True) if self.app.no_color and HIGHLIGHTED in component_classes else style

    def action_page_up(self) -> None:
        """Not in a terminal of a cell or two, where Textual looks for lines that it has not made: KeyError."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """See `action_page_up`."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
