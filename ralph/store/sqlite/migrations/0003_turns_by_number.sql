-- Where a turn begins, and what happened between turns: found without reading all events of a timeline.

CREATE INDEX events_turns ON events (timeline, turn) WHERE type = 'turn.started';

CREATE INDEX events_between ON events (timeline, seq) WHERE turn = 0;
