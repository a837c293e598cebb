"""`-f PATH`: attaches files to the prompt of the command line."""

from __future__ import annotations

from argparse import Namespace


def with_files(context: str, given: Namespace) -> str:
    """Return the context with the files of `-f`. Raises `Failure` for a refused file, and then nothing is sent."""
    if not given.files:
        return context
    from ralph.config.paths import working_directory
    from ralph.core.errors import Failure, Kind
    from ralph.workflows.attached import NeedsYes, enclose, together

    root = working_directory()
    try:
        return together(context, [enclose(root, path, allowed=given.yes) for path in given.files])
    except NeedsYes as question:
        raise Failure(Kind.USAGE, f"'{question.path}' {question.why}; --yes sends it anyway") from None
