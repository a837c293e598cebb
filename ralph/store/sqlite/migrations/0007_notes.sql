-- Cache hits are counted without reading all events of all timelines.

CREATE INDEX events_notes ON events (timeline, seq) WHERE type = 'note';
