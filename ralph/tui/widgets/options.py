"""A list of options whose highlight is visible without colours."""

from __future__ import annotations

from textual.style import Style
from textual.widgets import OptionList

HIGHLIGHTED = "option-list--option-highlighted"


class Options(OptionList):
    """An option list. Textual loses `reverse` between the style sheet and an option; `NO_COLOR` leaves nothing else."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        style = super().get_visual_style(*component_classes, partial=partial)
        return style + Style(reverse=True) if self.app.no_color and HIGHLIGHTED in component_classes else style

    def action_page_up(self) -> None:
        """Move a page up, except in a terminal of a cell or two: Textual raises `KeyError` there."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move a page down, as `action_page_up` does."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
