"""An index over the guides' questions. It finds the one section that clearly answers a question, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from ralph.core.data import Data, frozen
from ralph.language.sentence import words
from ralph.rules.guide_pages import Section, questions
from ralph.rules.guide_words import Wording, read, ways_to_say

# The least similarity of a question to a section's best wording, and the least lead of that section.
ENOUGH = 0.75
LEAD = 0.005
# The weight of a concept that the section has outside its best wording.
_ELSEWHERE = 0.6
# Words for the form of the answer, beside its subject.
FORM = words("shortcut key command flag press commandline")
# Question words that a wording must contain too.
ASKED = words("where why who")
# How many words of little meaning may be missing.
MISSING = 2
# The bonus for the same small words, and for further similar wordings.
_SMALL_WORDS = 0.2
_SUPPORT = 0.15
_SUPPORTING = 5


@frozen
class Hit(Data):
    """The section that fits best, its similarity (0 to 1), and its lead over the next section."""

    section: Section
    score: float
    lead: float

    @property
    def clear(self) -> bool:
        """Return whether the section stands out."""
        return self.score >= ENOUGH and self.lead >= LEAD


# Small words that do not change a message of a few words.
ARTICLES = words("a an the my this that these some all any please it its i already just again now of and")
# A message of a few words in the form in which two are compared.
Message = tuple[frozenset[str], frozenset[str]]


class GuideIndex:
    """Finds the section whose wordings cover every concept of a question.

    A section is parsed when a question first contains its words, because most questions are about something else.
    """

    def __init__(self, found: Sequence[Section]) -> None:
        self._sections = found
        self._texts = tuple(f" {' '.join((s.heading, *s.also))}".lower() for s in found)
        self._wordings: dict[int, tuple[Wording, ...]] = {}
        self._alone_texts = tuple(f" {' '.join(s.alone)}".lower() for s in found)
        self._alone: dict[int, frozenset[Message]] = {}

    def find_alone(self, text: str, asked: Wording) -> Section | None:
        """Return the section with a wording that may stand alone and is exactly this message, articles aside.

        A wording of several concepts may be said with synonyms; one of a single concept must have the same words.
        """
        meant = _message(text, asked)
        for number in _candidates(frozenset(asked.concepts), self._alone_texts):
            if number not in self._alone:
                self._alone[number] = frozenset(_message(said, read(said)) for said in self._sections[number].alone)
            if meant in self._alone[number]:
                return self._sections[number]
        return None

    def best(
        self, asked: Wording, spare: frozenset[str] | None = None, sure: frozenset[str] = frozenset()
    ) -> Hit | None:
        """Return the best section; None if no section covers all concepts of the question.

        `spare` are the concepts that may be missing, two at most; words for the form of the answer may then be missing
        too. At least two concepts must be left, or one of `sure`.
        """
        wanted = frozenset(asked.concepts)
        scored: list[tuple[float, float, int]] = []
        for level in ([wanted], *(_fewer(wanted, spare, sure) if spare is not None else ())):
            scored = [found for needed in level for found in self._score(asked, needed)]
            if scored:
                break
        else:
            return None
        scored.sort(reverse=True)
        total, score, number = scored[0]
        others = [other for other, _, n in scored if n != number]
        return Hit(self._sections[number], score, total - (others[0] if others else 0.0))

    def _score(self, asked: Wording, needed: frozenset[str]) -> list[tuple[float, float, int]]:
        """Score the sections with all of these concepts: score with bonuses, score without, index."""
        asked = asked._replace(concepts=tuple(c for c in asked.concepts if c not in FORM or c in needed))
        scored: list[tuple[float, float, int]] = []
        for number in _candidates(needed, self._texts):
            wordings = self._read(number)
            if needed <= frozenset().union(*(w.concepts for w in wordings)):
                scored.append((*_score(asked, wordings), number))
        return scored

    def _read(self, number: int) -> tuple[Wording, ...]:
        if number not in self._wordings:
            section = self._sections[number]
            self._wordings[number] = tuple(dict.fromkeys(read(said) for said in (section.heading, *section.also)))
        return self._wordings[number]


def _candidates(wanted: frozenset[str], texts: Sequence[str]) -> list[int]:
    """Return the places of the texts that may have every concept, judged by a quick look at their letters."""
    found = list(range(len(texts))) if wanted else []
    for concept in wanted:
        ways = [tuple(f" {word}" if word[:1].isalpha() else word for word in way) for way in ways_to_say(concept)]
        found = [n for n in found if any(all(word in texts[n] for word in way) for way in ways)]
    return found


def _message(text: str, wording: Wording) -> Message:
    if len(wording.concepts) == 1:
        return frozenset(), frozenset(text.casefold().split()) - ARTICLES
    return frozenset(wording.concepts), (wording.small | wording.asks) - ARTICLES


def _fewer(wanted: frozenset[str], spare: frozenset[str], sure: frozenset[str]) -> Iterator[list[frozenset[str]]]:
    """Yield the concepts to cover with one or two words missing: at least two concepts, or one that is sure."""
    bare = wanted - FORM
    for missing in range(MISSING + 1):
        rests = [bare.difference(left_out) for left_out in combinations(sorted(bare & spare), missing)]
        yield [rest for rest in rests if not missing or len(rest) > 1 or rest & sure]


def _score(asked: Wording, wordings: Sequence[Wording]) -> tuple[float, float]:
    """Return the similarity of the question to the section, and that of the section's best wording.

    Similarity is the harmonic mean of two shares: how much of the question the wording covers, and the reverse.
    """
    alike = [_alike(asked, wording) for wording in wordings]
    near = sorted((score for score, _ in alike), reverse=True)[:_SUPPORTING]
    best, around = max(alike)
    return best + _SMALL_WORDS * around + _SUPPORT * sum(near) / _SUPPORTING, best


def _alike(asked: Wording, wording: Wording) -> tuple[float, float]:
    """Return the similarity by subject and question words, and the similarity by small words."""
    wanted, said = {*asked.concepts, *asked.asks}, {*wording.concepts, *wording.asks}
    shared = len(wanted & said)
    if not shared:
        return 0.0, 0.0
    elsewhere = len(wanted - said - ASKED)
    covered = (shared + _ELSEWHERE * elsewhere) / len(wanted)
    used = shared / len(said)
    either = len(asked.small | wording.small)
    return 2 * covered * used / (covered + used), len(asked.small & wording.small) / either if either else 1.0


@lru_cache(maxsize=1)
def guide_index() -> GuideIndex:
    """Return the index of the guides, built when a question first needs it."""
    return GuideIndex(questions())
