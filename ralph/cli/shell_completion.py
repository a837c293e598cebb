"""The completion script of a shell: shtab writes it from the parsers, and it asks ralph for words that change."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Literal

from ralph.cli import verbs
from ralph.cli.parser import Parser

Shell = Literal["bash", "zsh", "fish"]
# The lists of `ralph completion --list`.
LISTS = ("timelines", "models", "providers")

# bash splits `anthropic:claude` into three words. shtab counts words, so they are joined before it reads them, and the
# part before the last colon is removed from its results.
_BASH = """
_ralph_words() { ralph completion --list "$1" 2>/dev/null | cut -f1; }
_ralph_timelines() { compgen -W "$(_ralph_words timelines)" -- "$1"; }
_ralph_models() { compgen -W "$(_ralph_words models)" -- "$1"; }
_ralph_providers() { compgen -W "$(_ralph_words providers)" -- "$1"; }
"""
_BASH_END = """
_ralph() {
  local line="${COMP_LINE:0:COMP_POINT}" word n
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local -a COMP_WORDS=("${words[@]}")
  local COMP_CWORD=$(( ${#words[@]} - 1 ))
  word="${words[COMP_CWORD]}"
  _shtab_ralph
  if [[ "$word" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    for n in "${!COMPREPLY[@]}"; do COMPREPLY[n]="${COMPREPLY[n]#"${word%:*}:"}"; done
  fi
}
complete -o bashdefault -F _ralph ralph
"""
_ZSH = """
_ralph_words() {
  local -a rows
  rows=("${(@f)$(ralph completion --list $1 2>/dev/null)}")
  rows=("${(@)${(@)rows//:/\\\\:}//$'\\t'/:}")
  [[ -n "$rows" ]] && _describe "$1" rows
}
_ralph_timelines() { _ralph_words timelines; }
_ralph_models() { _ralph_words models; }
_ralph_providers() { _ralph_words providers; }
"""
# shtab's own last lines confuse a sourced file with one that compinit has loaded.
_ZSH_END = """
if [[ $funcstack[1] == _ralph ]]; then _shtab_ralph "$@"; else compdef _shtab_ralph ralph; fi
"""


def script(parser: argparse.ArgumentParser, shell: Shell) -> str:
    """Return the script. `parser` is that of `ralph` without its prompt; each verb becomes a command of it."""
    import shtab  # only this verb needs it

    there = parser.add_subparsers(dest="command", parser_class=Parser)
    for name in verbs.names():
        verb = verbs.load(name)
        made = there.add_parser(name, help=verb.SUMMARY, description=verb.SUMMARY)
        made.add_argument("--config", metavar="FILE", help="the configuration file")
        verb.add(made)
    for one in (parser, *there.choices.values()):
        _name_what_completes(one)
    text: str = shtab.complete(parser, shell, root_prefix="ralph", preamble={"bash": _BASH, "zsh": _ZSH}.get(shell, ""))
    match shell:
        case "bash":
            return text.rpartition("\ncomplete ")[0] + _BASH_END
        case "zsh":
            return text.rpartition("\nif [[ $zsh_eval_context")[0] + _ZSH_END
        case "fish":
            return text


def _name_what_completes(parser: argparse.ArgumentParser) -> None:
    for action in _actions(parser):
        if what := _list_of(action):
            fish = f"(ralph completion --list {what} 2>/dev/null)"
            action.complete = {"bash": f"_ralph_{what}", "zsh": f"_ralph_{what}", "fish": fish}  # type: ignore[attr-defined]
        elif action.metavar in ("FILE", "PATH", "DIR") or action.dest in ("file", "path"):
            import shtab

            action.complete = shtab.FILE  # type: ignore[attr-defined]


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    yield from (action for action in parser._actions if action.choices is None)


def _list_of(action: argparse.Action) -> str:
    """Return which list completes this argument; empty for none."""
    if action.metavar == "REF":
        return "models"
    if action.metavar == "ID" or action.dest == "id":
        return "timelines"
    return "providers" if action.dest == "provider" else ""
