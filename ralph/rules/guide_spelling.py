"""Undoes slips of the fingers and the spelling of chats in a question: `swicth`, `localy`, `dont`, `w/o`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from string import ascii_lowercase

# Spellings of chats and their plain words. A part of a longer word is left alone.
_CHAT = {
    "w/o": "without", "w/": "with", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "cant": "can't",
    "couldnt": "couldn't", "wont": "won't", "isnt": "isn't", "wasnt": "wasn't", "arent": "aren't",
    "shouldnt": "shouldn't", "wouldnt": "wouldn't", "havent": "haven't", "hasnt": "hasn't", "im": "i'm",
    "ive": "i've", "thats": "that's", "u": "you", "ur": "your", "pls": "please", "plz": "please", "plese": "please",
    "thx": "thanks", "ty": "thanks", "msg": "message", "msgs": "messages", "convo": "conversation",
    "convos": "conversations", "conf": "config", "cfg": "config", "pw": "password", "pwd": "password",
    "bc": "because", "wheres": "where is", "hows": "how is", "whats": "what is", "howto": "how to",
    "whos": "who is", "gonna": "going to", "wanna": "want to", "gotta": "have to", "gimme": "give me",
    "lemme": "let me", "dunno": "don't know", "delte": "delete", "seperate": "separate", "collegue": "colleague",
    "adn": "and", "teh": "the", "hte": "the", "waht": "what", "hwo": "how", "cahnge": "change",
    "histroy": "history", "alot": "a lot", "whcih": "which", "wich": "which", "whihc": "which", "spended": "spent",
    "chatgtp": "chatgpt",
}  # fmt: skip
_CHAT_WORD = re.compile(
    rf"(?<![\w/.'@-])(?:{'|'.join(sorted(map(re.escape, _CHAT), key=len, reverse=True))})(?![\w/.'-])", re.IGNORECASE
)
# `gpt-5`, `claude-sonnet-5-5`, `gpt 4o`: which one does not matter to a question about ralph.
_VERSION = re.compile(
    r"\b(gpt|claude|haiku|sonnet|opus|gemini|llama|qwen|mistral|deepseek)(?:[- ]?\d[\w.]*)+(?:-[\w.]+)*", re.IGNORECASE
)
# The fewest letters of a word with swapped letters, with a missing letter, and with a letter too many. A shorter word
# is too often another one: `modes` is not `models`, and a `planet` is not a `plane`.
SWAPPED = 5
MISSING = 6
TOO_MANY = 8


def write_out(text: str) -> str:
    """Return the text with plain words for the spellings of chats, and with models named by their maker's word."""
    return _VERSION.sub(r"\1", _CHAT_WORD.sub(lambda found: _CHAT[found[0].lower()], text))


def correct(word: str, known: Collection[str]) -> str:
    """Return the known word from which this one differs by one slip, else the word itself.

    A slip is two neighbouring letters swapped, a letter missing or one too many. The first letter is right, and so is
    the last one where a letter is missing or too many, because `provide` is not `provider`.
    """
    if len(word) < SWAPPED or not word.isalpha() or not word.isascii():
        return word
    return next((meant for meant in _undo_slips(word) if meant in known), word)


def _undo_slips(word: str) -> Iterator[str]:
    inner = range(1, len(word) - 1)
    yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in inner)
    if len(word) >= MISSING:
        yield from (word[:at] + letter + word[at:] for at in range(1, len(word)) for letter in ascii_lowercase)
    yield from (word[:at] + word[at + 1 :] for at in inner if len(word) >= TOO_MANY or word[at] == word[at - 1])
