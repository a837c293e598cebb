"""Splits a shell line into its commands by the grammar of bash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_CHARACTERS = 20_000
_QUOTES = {"string", "raw_string", "ansi_c_string", "translated_string"}
_GLOB = re.compile(r"(?<!\\)[*?\[{~]")
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)


@frozen
class ShellLine(Data):
    """The commands of a line. A word of a command is None if only the running shell knows it."""

    commands: tuple[tuple[str | None, ...], ...]
    documents: tuple[str, ...]
    """The texts of here-documents and here-strings."""
    clear: bool
    """Whether the grammar fits the whole line."""


def split_line(line: str) -> ShellLine:
    """Return the commands of the line, also those in substitutions, functions and blocks."""
    if len(line) > MAX_CHARACTERS or "\0" in line:
        return ShellLine((), (), clear=False)
    root = _parser().parse(line.encode("utf-8", "replace")).root_node
    commands: list[tuple[str | None, ...]] = []
    documents: list[str] = []
    for node in _walk(root):
        if node.type == "command":
            commands.append(tuple(_command(node)))
        elif node.type == "heredoc_body":
            documents.append(_text(node))
        elif node.type == "herestring_redirect":
            documents += [_text(node)[3:], *(word for n in node.named_children if (word := read_word(n)) is not None)]
    return ShellLine(tuple(c for c in commands if c), tuple(documents), clear=not root.has_error)


def unquote_text(text: str) -> str:
    """Return the text without quotes, backslashes and joined lines, to look for a word that they cut."""
    text = _ANSI.sub(lambda found: _read_ansi(found[1]) or found[1], text.replace("\\\n", ""))
    return re.sub(r"['\"\\]", "", text)


def read_word(node: Node) -> str | None:  # noqa: PLR0911 - one case a kind of word
    """Return the text of a word; None if the shell makes it up while it runs."""
    match node.type:
        case "word":
            found = _text(node)
            return None if _GLOB.search(found) else re.sub(r"\\(.)", r"\1", found.replace("\\\n", ""), flags=re.DOTALL)
        case "raw_string":
            return _text(node)[1:-1]
        case "ansi_c_string":
            return _read_ansi(_text(node)[2:-1])
        case "string" | "translated_string" if all(n.type in ("string_content", "string") for n in node.named_children):
            inner = _text(node).removeprefix("$")[1:-1]
            return re.sub(r"\\([$`\"\\])", r"\1", inner.replace("\\\n", ""))
        case "concatenation" | "command_name":
            parts = [read_word(child) for child in node.children]
            return None if None in parts else "".join(p for p in parts if p is not None)
        case "number":
            return _text(node)
        case _:
            return None


def _command(node: Node) -> Iterator[str | None]:
    """Yield the words of a command. The grammar gives words after a redirection to the redirection."""
    late: list[Node] = []
    around = node.parent
    redirected = around.children if around is not None and around.type == "redirected_statement" else ()
    for child in (*node.children, *redirected):
        if child.type == "file_redirect":
            late += _destinations(child)[1:]
        elif child.type == "heredoc_redirect":
            late += [n for n in child.named_children if n.type in ("word", "concatenation", *_QUOTES)]
    for child in node.children:
        if child.type not in ("variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect"):
            yield read_word(child)
    for child in late:
        yield read_word(child)


def _destinations(redirect: Node) -> list[Node]:
    return [n for n in redirect.named_children if n.type != "file_descriptor"]


def _walk(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _read_ansi(inner: str) -> str | None:
    r"""Return the text of `$'…'`; None for an escape that is not clear."""
    try:
        return inner.replace("\\e", "\x1b").encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=1)
def _language() -> object:
    import tree_sitter_bash  # the first shell line imports the grammar
    from tree_sitter import Language

    return Language(tree_sitter_bash.language())


def _parser() -> Parser:
    from tree_sitter import Parser

    return Parser(_language())  # type: ignore[arg-type] # its import is late
