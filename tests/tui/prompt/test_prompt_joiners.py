"""What has no width but a meaning is kept as it was written: in Persian, in Thai, in emoji that are joined."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.conftest import MakeApp
from tests.tui.play import Play
from tests.tui.see import prompt, settled, until

TEXTS = ["می\u200cخواهم", "\U0001f469\u200d\U0001f4bb", "สวัสดี\u200bครับ", "❤\ufe0f"]


@pytest.mark.parametrize("way", ["typed", "pasted"])
async def test_it_is_kept_sent_and_found_again(way: str, play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(90, 30)) as pilot:
        for number, text in enumerate(TEXTS, start=1):
            if way == "pasted":
                prompt(app).post_message(events.Paste(text))
            else:
                for queued in text:
                    prompt(app).post_message(events.Key("unknown", queued))
            await until(pilot, lambda text=text: prompt(app).text == text, text)
            await pilot.press("enter")
            await until(pilot, lambda number=number: settled(app, number))
            await pilot.press("up")
            await until(pilot, lambda text=text: prompt(app).text == text, "history")
            await pilot.press("ctrl+c")
            await until(pilot, lambda: not prompt(app).text)
    assert [asked for asked, _ in play.submitted] == TEXTS
