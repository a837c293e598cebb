"""The figures of a step in words."""

from __future__ import annotations

from ralph.core.timeline.figure_words import waits_in_words


def test_only_a_wait_that_a_person_notices_has_words() -> None:
    assert waits_in_words({"loading": 57.0, "retry": 15.0}) == []
    assert waits_in_words({"loading": 57.0, "retry": 840.0}) == ["waited 0.84s to try again"]
