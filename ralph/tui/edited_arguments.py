"""The arguments of a tool call as a text to edit, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.errors import Failure, Kind
from ralph.core.log.codec import plain
from ralph.tui.text import TAB, escape_unseen

_HEAD = "# The arguments of {}, as YAML or JSON. The call is decided about again with what you save.\n"


def write_arguments(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the arguments as YAML. Characters that cannot be seen are escaped."""
    import yaml

    class Blocks(yaml.SafeDumper):
        """Writes a text of several lines as a block."""

    def write(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Blocks.add_representer(str, write)

    def dump(*, unicode: bool) -> str:
        made: str = yaml.dump(
            dict(plain(arguments)), Dumper=Blocks, sort_keys=False, allow_unicode=unicode, width=10_000
        )
        return made

    body = dump(unicode=True)
    return _HEAD.format(name) + (body if escape_unseen(body) == body.replace("\t", TAB) else dump(unicode=False))


def read_arguments(text: str) -> Mapping[str, Any]:
    """Return the arguments of the text. Raises `Failure(USAGE)`."""
    import yaml

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Failure(Kind.USAGE, f"the arguments cannot be read{where}; the call is as it was") from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise Failure(Kind.USAGE, "the arguments must be names with values; the call is as it was")
    return found
