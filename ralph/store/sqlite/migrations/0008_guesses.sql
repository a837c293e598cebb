-- What became of the answers that were begun before the route had decided: looked up before each such answer.

CREATE INDEX attempts_guessed ON attempts (started_at) WHERE speculated = 1;
