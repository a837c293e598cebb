-- Which models were chosen in a timeline, also in the middle of a turn: found without reading all of its events.

CREATE INDEX events_roles ON events (timeline, seq) WHERE type = 'roles.changed';
