"""The part of the program that a screen may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command
from ralph.core.ports.workspace import Workspace
from ralph.tui.themed import ThemedApp
from ralph.tui.timeline.fold_state import FoldState


@frozen
class ScreenPorts(Data):
    """The services for a screen.

    `app` has the screens, the keymap and the themes. `conversation` returns the open conversation. `send` runs a slash
    command. `say` puts markdown of ralph into the timeline.
    """

    app: ThemedApp
    workspace: Workspace
    conversation: Callable[[], Conversation]
    commands: Sequence[Command]
    clock: Clock
    fold_state: FoldState
    send: Callable[[str], None]
    say: Callable[[str], object]
