-- Sums of the ledger: a report reads them and not the attempts. Triggers keep them, in the transaction that writes the
-- attempt; `ralph doctor --rebuild` makes them again where they differ from the attempts.

-- What a finished attempt adds to a sum. Tokens and nano-dollars are split into their upper and lower 32 bits, because
-- false counts of a server may add up to more than 63 bits. `first` orders groups by their first use.
CREATE VIEW attempt_figures AS
SELECT timeline, run, attempt, day, provider, model, role, outcome,
       started_at || ' ' || timeline || ' ' || run || ' ' || attempt AS first,
       ttft_ms, CASE WHEN outcome = 'ok' THEN duration_ms END AS answer_ms,
       1 AS attempts,
       input >> 32 AS input_high,
       input & 4294967295 AS input_low,
       cache_read >> 32 AS cache_read_high,
       cache_read & 4294967295 AS cache_read_low,
       cache_write >> 32 AS cache_write_high,
       cache_write & 4294967295 AS cache_write_low,
       output >> 32 AS output_high,
       output & 4294967295 AS output_low,
       reasoning >> 32 AS reasoning_high,
       reasoning & 4294967295 AS reasoning_low,
       usage_source IS NULL OR usage_source NOT IN ('counted', 'reported', 'none') AS tokens_estimated,
       usage_source IS 'counted' AS tokens_counted,
       usage_source IS 'reported' AS tokens_reported,
       usage_source IS 'none' AS tokens_none,
       nano_usd IS NOT NULL AS costs,
       coalesce(nano_usd >> 32, 0) AS nano_usd_high,
       coalesce(nano_usd & 4294967295, 0) AS nano_usd_low,
       cost_status IS NULL OR cost_status NOT IN ('estimated', 'reported', 'computed', 'free') AS cost_unknown,
       cost_status IS 'estimated' AS cost_estimated,
       cost_status IS 'reported' AS cost_reported,
       cost_status IS 'computed' AS cost_computed,
       cost_status IS 'free' AS cost_free,
       CASE WHEN rated THEN CAST(round((duration_ms - ttft_ms) * 1000) AS INTEGER) ELSE 0 END AS decode_us,
       CASE WHEN rated THEN output >> 32 ELSE 0 END AS decoded_high,
       CASE WHEN rated THEN output & 4294967295 ELSE 0 END AS decoded_low,
       outcome IN ('failed', 'interrupted') AS failures,
       ttft_ms IS NOT NULL AS first_token_times,
       outcome = 'ok' AND duration_ms IS NOT NULL AS answer_times
FROM (SELECT *, outcome = 'ok' AND ttft_ms <> 0 AND duration_ms - ttft_ms >= 100.0 AS rated
      FROM attempts WHERE outcome IS NOT NULL);

CREATE TABLE sums_by_day (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, role TEXT NOT NULL, outcome TEXT NOT NULL,
    first TEXT,
    attempts INTEGER NOT NULL, input_high INTEGER NOT NULL, input_low INTEGER NOT NULL,
    cache_read_high INTEGER NOT NULL, cache_read_low INTEGER NOT NULL, cache_write_high INTEGER NOT NULL,
    cache_write_low INTEGER NOT NULL, output_high INTEGER NOT NULL, output_low INTEGER NOT NULL,
    reasoning_high INTEGER NOT NULL, reasoning_low INTEGER NOT NULL, tokens_estimated INTEGER NOT NULL,
    tokens_counted INTEGER NOT NULL, tokens_reported INTEGER NOT NULL, tokens_none INTEGER NOT NULL,
    costs INTEGER NOT NULL, nano_usd_high INTEGER NOT NULL, nano_usd_low INTEGER NOT NULL,
    cost_unknown INTEGER NOT NULL, cost_estimated INTEGER NOT NULL, cost_reported INTEGER NOT NULL,
    cost_computed INTEGER NOT NULL, cost_free INTEGER NOT NULL, decode_us INTEGER NOT NULL,
    decoded_high INTEGER NOT NULL, decoded_low INTEGER NOT NULL, failures INTEGER NOT NULL,
    first_token_times INTEGER NOT NULL, answer_times INTEGER NOT NULL,
    UNIQUE (day, provider, model, role, outcome)
);

CREATE TABLE sums_by_timeline (
    id INTEGER PRIMARY KEY,
    timeline TEXT NOT NULL,
    first TEXT,
    attempts INTEGER NOT NULL, input_high INTEGER NOT NULL, input_low INTEGER NOT NULL,
    cache_read_high INTEGER NOT NULL, cache_read_low INTEGER NOT NULL, cache_write_high INTEGER NOT NULL,
    cache_write_low INTEGER NOT NULL, output_high INTEGER NOT NULL, output_low INTEGER NOT NULL,
    reasoning_high INTEGER NOT NULL, reasoning_low INTEGER NOT NULL, tokens_estimated INTEGER NOT NULL,
    tokens_counted INTEGER NOT NULL, tokens_reported INTEGER NOT NULL, tokens_none INTEGER NOT NULL,
    costs INTEGER NOT NULL, nano_usd_high INTEGER NOT NULL, nano_usd_low INTEGER NOT NULL,
    cost_unknown INTEGER NOT NULL, cost_estimated INTEGER NOT NULL, cost_reported INTEGER NOT NULL,
    cost_computed INTEGER NOT NULL, cost_free INTEGER NOT NULL, decode_us INTEGER NOT NULL,
    decoded_high INTEGER NOT NULL, decoded_low INTEGER NOT NULL, failures INTEGER NOT NULL,
    first_token_times INTEGER NOT NULL, answer_times INTEGER NOT NULL,
    UNIQUE (timeline)
);

-- Measured times in order, with the sums that they belong to: percentiles without a sort. The second one holds the
-- duration of answers that ended well.
CREATE TABLE first_token_times (
    ms REAL NOT NULL, by_day INTEGER NOT NULL, by_timeline INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (ms, by_day, by_timeline)
) WITHOUT ROWID;

CREATE TABLE answer_times (
    ms REAL NOT NULL, by_day INTEGER NOT NULL, by_timeline INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (ms, by_day, by_timeline)
) WITHOUT ROWID;

-- Inserting a row adds it to the sums (`sign` 1) or takes it away again (-1).
CREATE VIEW counting AS SELECT 1 AS sign, f.* FROM attempt_figures f;

CREATE TRIGGER counting_adds INSTEAD OF INSERT ON counting
BEGIN
    INSERT INTO sums_by_day (
        day, provider, model, role, outcome, first, attempts, input_high, input_low, cache_read_high,
        cache_read_low, cache_write_high, cache_write_low, output_high, output_low, reasoning_high, reasoning_low,
        tokens_estimated, tokens_counted, tokens_reported, tokens_none, costs, nano_usd_high, nano_usd_low,
        cost_unknown, cost_estimated, cost_reported, cost_computed, cost_free, decode_us, decoded_high,
        decoded_low, failures, first_token_times, answer_times
    )
    VALUES (NEW.day, NEW.provider, NEW.model, NEW.role, NEW.outcome, CASE NEW.sign WHEN 1 THEN NEW.first END,
        NEW.sign * NEW.attempts, NEW.sign * NEW.input_high, NEW.sign * NEW.input_low,
        NEW.sign * NEW.cache_read_high, NEW.sign * NEW.cache_read_low, NEW.sign * NEW.cache_write_high,
        NEW.sign * NEW.cache_write_low, NEW.sign * NEW.output_high, NEW.sign * NEW.output_low,
        NEW.sign * NEW.reasoning_high, NEW.sign * NEW.reasoning_low, NEW.sign * NEW.tokens_estimated,
        NEW.sign * NEW.tokens_counted, NEW.sign * NEW.tokens_reported, NEW.sign * NEW.tokens_none,
        NEW.sign * NEW.costs, NEW.sign * NEW.nano_usd_high, NEW.sign * NEW.nano_usd_low,
        NEW.sign * NEW.cost_unknown, NEW.sign * NEW.cost_estimated, NEW.sign * NEW.cost_reported,
        NEW.sign * NEW.cost_computed, NEW.sign * NEW.cost_free, NEW.sign * NEW.decode_us,
        NEW.sign * NEW.decoded_high, NEW.sign * NEW.decoded_low, NEW.sign * NEW.failures,
        NEW.sign * NEW.first_token_times, NEW.sign * NEW.answer_times)
    ON CONFLICT (day, provider, model, role, outcome) DO UPDATE SET
        first = coalesce(min(first, excluded.first), first, excluded.first),
        attempts = attempts + excluded.attempts, input_high = input_high + excluded.input_high,
        input_low = input_low + excluded.input_low, cache_read_high = cache_read_high + excluded.cache_read_high,
        cache_read_low = cache_read_low + excluded.cache_read_low,
        cache_write_high = cache_write_high + excluded.cache_write_high,
        cache_write_low = cache_write_low + excluded.cache_write_low,
        output_high = output_high + excluded.output_high, output_low = output_low + excluded.output_low,
        reasoning_high = reasoning_high + excluded.reasoning_high,
        reasoning_low = reasoning_low + excluded.reasoning_low,
        tokens_estimated = tokens_estimated + excluded.tokens_estimated,
        tokens_counted = tokens_counted + excluded.tokens_counted,
        tokens_reported = tokens_reported + excluded.tokens_reported,
        tokens_none = tokens_none + excluded.tokens_none, costs = costs + excluded.costs,
        nano_usd_high = nano_usd_high + excluded.nano_usd_high,
        nano_usd_low = nano_usd_low + excluded.nano_usd_low, cost_unknown = cost_unknown + excluded.cost_unknown,
        cost_estimated = cost_estimated + excluded.cost_estimated,
        cost_reported = cost_reported + excluded.cost_reported,
        cost_computed = cost_computed + excluded.cost_computed, cost_free = cost_free + excluded.cost_free,
        decode_us = decode_us + excluded.decode_us, decoded_high = decoded_high + excluded.decoded_high,
        decoded_low = decoded_low + excluded.decoded_low, failures = failures + excluded.failures,
        first_token_times = first_token_times + excluded.first_token_times,
        answer_times = answer_times + excluded.answer_times;
    INSERT INTO sums_by_timeline (
        timeline, first, attempts, input_high, input_low, cache_read_high, cache_read_low, cache_write_high,
        cache_write_low, output_high, output_low, reasoning_high, reasoning_low, tokens_estimated, tokens_counted,
        tokens_reported, tokens_none, costs, nano_usd_high, nano_usd_low, cost_unknown, cost_estimated,
        cost_reported, cost_computed, cost_free, decode_us, decoded_high, decoded_low, failures,
        first_token_times, answer_times
    )
    VALUES (NEW.timeline, CASE NEW.sign WHEN 1 THEN NEW.first END, NEW.sign * NEW.attempts, NEW.sign * NEW.input_high,
        NEW.sign * NEW.input_low, NEW.sign * NEW.cache_read_high, NEW.sign * NEW.cache_read_low,
        NEW.sign * NEW.cache_write_high, NEW.sign * NEW.cache_write_low, NEW.sign * NEW.output_high,
        NEW.sign * NEW.output_low, NEW.sign * NEW.reasoning_high, NEW.sign * NEW.reasoning_low,
        NEW.sign * NEW.tokens_estimated, NEW.sign * NEW.tokens_counted, NEW.sign * NEW.tokens_reported,
        NEW.sign * NEW.tokens_none, NEW.sign * NEW.costs, NEW.sign * NEW.nano_usd_high,
        NEW.sign * NEW.nano_usd_low, NEW.sign * NEW.cost_unknown, NEW.sign * NEW.cost_estimated,
        NEW.sign * NEW.cost_reported, NEW.sign * NEW.cost_computed, NEW.sign * NEW.cost_free,
        NEW.sign * NEW.decode_us, NEW.sign * NEW.decoded_high, NEW.sign * NEW.decoded_low,
        NEW.sign * NEW.failures, NEW.sign * NEW.first_token_times, NEW.sign * NEW.answer_times)
    ON CONFLICT (timeline) DO UPDATE SET
        first = coalesce(min(first, excluded.first), first, excluded.first),
        attempts = attempts + excluded.attempts, input_high = input_high + excluded.input_high,
        input_low = input_low + excluded.input_low, cache_read_high = cache_read_high + excluded.cache_read_high,
        cache_read_low = cache_read_low + excluded.cache_read_low,
        cache_write_high = cache_write_high + excluded.cache_write_high,
        cache_write_low = cache_write_low + excluded.cache_write_low,
        output_high = output_high + excluded.output_high, output_low = output_low + excluded.output_low,
        reasoning_high = reasoning_high + excluded.reasoning_high,
        reasoning_low = reasoning_low + excluded.reasoning_low,
        tokens_estimated = tokens_estimated + excluded.tokens_estimated,
        tokens_counted = tokens_counted + excluded.tokens_counted,
        tokens_reported = tokens_reported + excluded.tokens_reported,
        tokens_none = tokens_none + excluded.tokens_none, costs = costs + excluded.costs,
        nano_usd_high = nano_usd_high + excluded.nano_usd_high,
        nano_usd_low = nano_usd_low + excluded.nano_usd_low, cost_unknown = cost_unknown + excluded.cost_unknown,
        cost_estimated = cost_estimated + excluded.cost_estimated,
        cost_reported = cost_reported + excluded.cost_reported,
        cost_computed = cost_computed + excluded.cost_computed, cost_free = cost_free + excluded.cost_free,
        decode_us = decode_us + excluded.decode_us, decoded_high = decoded_high + excluded.decoded_high,
        decoded_low = decoded_low + excluded.decoded_low, failures = failures + excluded.failures,
        first_token_times = first_token_times + excluded.first_token_times,
        answer_times = answer_times + excluded.answer_times;
    INSERT INTO first_token_times (ms, by_day, by_timeline, attempts)
    SELECT NEW.ttft_ms, d.id, t.id, NEW.sign FROM sums_by_day d, sums_by_timeline t
    WHERE NEW.ttft_ms IS NOT NULL AND t.timeline = NEW.timeline AND d.day = NEW.day AND d.provider = NEW.provider
          AND d.model = NEW.model AND d.role = NEW.role AND d.outcome = NEW.outcome
    ON CONFLICT (ms, by_day, by_timeline) DO UPDATE SET attempts = attempts + excluded.attempts;
    DELETE FROM first_token_times WHERE ms = NEW.ttft_ms AND attempts = 0;
    INSERT INTO answer_times (ms, by_day, by_timeline, attempts)
    SELECT NEW.answer_ms, d.id, t.id, NEW.sign FROM sums_by_day d, sums_by_timeline t
    WHERE NEW.answer_ms IS NOT NULL AND t.timeline = NEW.timeline AND d.day = NEW.day AND d.provider = NEW.provider
          AND d.model = NEW.model AND d.role = NEW.role AND d.outcome = NEW.outcome
    ON CONFLICT (ms, by_day, by_timeline) DO UPDATE SET attempts = attempts + excluded.attempts;
    DELETE FROM answer_times WHERE ms = NEW.answer_ms AND attempts = 0;
END;

CREATE TRIGGER attempts_counted_insert AFTER INSERT ON attempts WHEN NEW.outcome IS NOT NULL
BEGIN
    INSERT INTO counting SELECT 1, f.* FROM attempt_figures f
    WHERE f.timeline = NEW.timeline AND f.run = NEW.run AND f.attempt = NEW.attempt;
END;

-- The row has its old values before, and its new ones after.
CREATE TRIGGER attempts_counted_before BEFORE UPDATE OF
    day, started_at, provider, model, role, outcome, input, cache_read, cache_write, output, reasoning,
    usage_source, nano_usd, cost_status, ttft_ms, duration_ms ON attempts
WHEN OLD.outcome IS NOT NULL AND
     (OLD.day, OLD.started_at, OLD.provider, OLD.model, OLD.role, OLD.outcome, OLD.input, OLD.cache_read,
      OLD.cache_write, OLD.output, OLD.reasoning, OLD.usage_source, OLD.nano_usd, OLD.cost_status, OLD.ttft_ms,
      OLD.duration_ms)
     IS NOT
     (NEW.day, NEW.started_at, NEW.provider, NEW.model, NEW.role, NEW.outcome, NEW.input, NEW.cache_read,
      NEW.cache_write, NEW.output, NEW.reasoning, NEW.usage_source, NEW.nano_usd, NEW.cost_status, NEW.ttft_ms,
      NEW.duration_ms)
BEGIN
    INSERT INTO counting SELECT -1, f.* FROM attempt_figures f
    WHERE f.timeline = OLD.timeline AND f.run = OLD.run AND f.attempt = OLD.attempt;
END;

CREATE TRIGGER attempts_counted_after AFTER UPDATE OF
    day, started_at, provider, model, role, outcome, input, cache_read, cache_write, output, reasoning,
    usage_source, nano_usd, cost_status, ttft_ms, duration_ms ON attempts
WHEN (OLD.day, OLD.started_at, OLD.provider, OLD.model, OLD.role, OLD.outcome, OLD.input, OLD.cache_read,
      OLD.cache_write, OLD.output, OLD.reasoning, OLD.usage_source, OLD.nano_usd, OLD.cost_status, OLD.ttft_ms,
      OLD.duration_ms)
     IS NOT
     (NEW.day, NEW.started_at, NEW.provider, NEW.model, NEW.role, NEW.outcome, NEW.input, NEW.cache_read,
      NEW.cache_write, NEW.output, NEW.reasoning, NEW.usage_source, NEW.nano_usd, NEW.cost_status, NEW.ttft_ms,
      NEW.duration_ms)
BEGIN
    INSERT INTO counting SELECT 1, f.* FROM attempt_figures f
    WHERE f.timeline = NEW.timeline AND f.run = NEW.run AND f.attempt = NEW.attempt;
END;

CREATE TRIGGER attempts_counted_first AFTER UPDATE OF
    day, started_at, provider, model, role, outcome, input, cache_read, cache_write, output, reasoning,
    usage_source, nano_usd, cost_status, ttft_ms, duration_ms ON attempts
WHEN OLD.outcome IS NOT NULL AND
     (OLD.day, OLD.started_at, OLD.provider, OLD.model, OLD.role, OLD.outcome, OLD.input, OLD.cache_read,
      OLD.cache_write, OLD.output, OLD.reasoning, OLD.usage_source, OLD.nano_usd, OLD.cost_status, OLD.ttft_ms,
      OLD.duration_ms)
     IS NOT
     (NEW.day, NEW.started_at, NEW.provider, NEW.model, NEW.role, NEW.outcome, NEW.input, NEW.cache_read,
      NEW.cache_write, NEW.output, NEW.reasoning, NEW.usage_source, NEW.nano_usd, NEW.cost_status, NEW.ttft_ms,
      NEW.duration_ms)
BEGIN
    UPDATE sums_by_day SET first = (
        SELECT min(f.first) FROM attempt_figures f WHERE f.day = OLD.day AND f.provider = OLD.provider
        AND f.model = OLD.model AND f.role = OLD.role AND f.outcome = OLD.outcome)
    WHERE day = OLD.day AND provider = OLD.provider AND model = OLD.model AND role = OLD.role AND outcome = OLD.outcome
          AND first = OLD.started_at || ' ' || OLD.timeline || ' ' || OLD.run || ' ' || OLD.attempt;
    UPDATE sums_by_timeline SET first = (SELECT min(f.first) FROM attempt_figures f WHERE f.timeline = OLD.timeline)
    WHERE timeline = OLD.timeline
          AND first = OLD.started_at || ' ' || OLD.timeline || ' ' || OLD.run || ' ' || OLD.attempt;
END;

CREATE TRIGGER attempts_counted_delete BEFORE DELETE ON attempts WHEN OLD.outcome IS NOT NULL
BEGIN
    INSERT INTO counting SELECT -1, f.* FROM attempt_figures f
    WHERE f.timeline = OLD.timeline AND f.run = OLD.run AND f.attempt = OLD.attempt;
END;

CREATE TRIGGER attempts_counted_gone AFTER DELETE ON attempts WHEN OLD.outcome IS NOT NULL
BEGIN
    UPDATE sums_by_day SET first = (
        SELECT min(f.first) FROM attempt_figures f WHERE f.day = OLD.day AND f.provider = OLD.provider
        AND f.model = OLD.model AND f.role = OLD.role AND f.outcome = OLD.outcome)
    WHERE day = OLD.day AND provider = OLD.provider AND model = OLD.model AND role = OLD.role AND outcome = OLD.outcome
          AND first = OLD.started_at || ' ' || OLD.timeline || ' ' || OLD.run || ' ' || OLD.attempt;
    UPDATE sums_by_timeline SET first = (SELECT min(f.first) FROM attempt_figures f WHERE f.timeline = OLD.timeline)
    WHERE timeline = OLD.timeline
          AND first = OLD.started_at || ' ' || OLD.timeline || ' ' || OLD.run || ' ' || OLD.attempt;
END;

-- Answers that were requested before the route had decided: whether the answer was requested again, and how many
-- microseconds sooner its first token was shown. A guess begins with the route; its answer is held until the route has
-- confirmed it (`phases.held`; none where the whole answer came before that).
CREATE VIEW guess_figures AS
SELECT timeline, run, attempt, unwanted AND outcome <> 'discarded' AS unwanted, nano_usd, cost_status,
       CASE WHEN NOT unwanted AND outcome = 'ok' AND ttft_ms IS NOT NULL THEN
           max(0, CAST(round((routed + ttft_ms - max(ttft_ms, coalesce(held, duration_ms))) * 1000) AS INTEGER))
       ELSE 0 END AS sooner_us
FROM (
    SELECT a.*, CASE WHEN json_valid(a.phases) THEN json_extract(a.phases, '$.held') END AS held,
           coalesce((SELECT sum(r.duration_ms) FROM attempts r
                     WHERE r.timeline = a.timeline AND r.run = a.run AND r.turn = a.turn AND r.role = 'route'
                     AND r.attempt >= a.turn || '.' AND r.attempt < a.turn || '/'), 0) AS routed,
           EXISTS (SELECT 1 FROM attempts b
                   WHERE b.timeline = a.timeline AND b.run = a.run AND b.turn = a.turn AND b.block = a.block
                   AND b.attempt >= a.block || 'a' AND b.attempt < a.block || 'b'
                   AND b.outcome IS NOT NULL AND b.speculated = 0) AS unwanted
    FROM attempts a WHERE a.speculated = 1 AND a.outcome IS NOT NULL);

CREATE TABLE guesses (
    timeline TEXT NOT NULL, run TEXT NOT NULL, attempt TEXT NOT NULL, unwanted INTEGER NOT NULL, nano_usd INTEGER,
    cost_status TEXT, sooner_us INTEGER NOT NULL,
    PRIMARY KEY (timeline, run, attempt)
) WITHOUT ROWID;

-- What the steps of turns that ended well cost, and which steps they did without; for the saving of a skipped step.
-- A skipped tool step is `untooled`: the answer's block with its model and price. A turn without a routing model is
-- `unrouted`.
CREATE TABLE price_rows (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, price TEXT NOT NULL,
    UNIQUE (provider, model, price)
);

CREATE TABLE step_costs (  -- REAL: an integer sum could overflow
    timeline TEXT NOT NULL, turn INTEGER NOT NULL, step TEXT NOT NULL, block TEXT NOT NULL, price_row INTEGER NOT NULL,
    nano_usd REAL NOT NULL,
       PRIMARY KEY (timeline, turn, step, block, price_row)
) WITHOUT ROWID;

-- Attempts whose costs can be compared.
CREATE VIEW priced_attempts AS
SELECT timeline, turn, block, attempt, role, provider, model, price, nano_usd FROM attempts
WHERE run = '' AND outcome = 'ok' AND nano_usd IS NOT NULL AND cost_status <> 'free' AND price IS NOT NULL;

-- Inserting a turn weighs its steps again.
CREATE VIEW weighing AS SELECT timeline, turn FROM turns;

CREATE TRIGGER weighing_weighs INSTEAD OF INSERT ON weighing
BEGIN
    DELETE FROM step_costs WHERE timeline = NEW.timeline AND turn = NEW.turn;
    INSERT OR IGNORE INTO price_rows (provider, model, price)
    SELECT a.provider, a.model, a.price FROM priced_attempts a
    WHERE a.timeline = NEW.timeline AND a.attempt >= NEW.turn || '.' AND a.attempt < NEW.turn || '/'
          AND a.turn = NEW.turn
          AND EXISTS (SELECT 1 FROM turns t WHERE t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status = 'ok');
    INSERT INTO step_costs (timeline, turn, step, block, price_row, nano_usd)
    SELECT NEW.timeline, NEW.turn, a.role, a.block, p.id, total(a.nano_usd)
    FROM priced_attempts a
    JOIN price_rows p ON p.provider = a.provider AND p.model = a.model AND p.price = a.price
    WHERE a.timeline = NEW.timeline AND a.attempt >= NEW.turn || '.' AND a.attempt < NEW.turn || '/'
          AND a.turn = NEW.turn AND a.role IN ('route', 'tool')
          AND EXISTS (SELECT 1 FROM turns t WHERE t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status = 'ok')
    GROUP BY a.role, a.block, p.id;
    INSERT INTO step_costs (timeline, turn, step, block, price_row, nano_usd)
    SELECT NEW.timeline, NEW.turn, 'untooled', block, id, 0
    FROM (SELECT a.block, p.id, max(a.attempt)  -- the row of the last attempt
    FROM priced_attempts a
    JOIN price_rows p ON p.provider = a.provider AND p.model = a.model AND p.price = a.price
    WHERE a.timeline = NEW.timeline AND a.attempt >= NEW.turn || '.' AND a.attempt < NEW.turn || '/'
          AND a.turn = NEW.turn AND a.role = 'format'
          AND EXISTS (SELECT 1 FROM turns t WHERE t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status = 'ok')
          AND EXISTS (SELECT 1 FROM blocks k WHERE k.timeline = NEW.timeline AND k.turn = NEW.turn AND k.kind = 'tool'
                      AND k.block >= NEW.turn || '.' AND k.block < NEW.turn || '/' AND k.status = 'skipped')
    GROUP BY a.block);
    INSERT INTO step_costs (timeline, turn, step, block, price_row, nano_usd)
    SELECT NEW.timeline, NEW.turn, 'unrouted', k.block, 0, 0
    FROM turns t
    JOIN blocks k ON k.timeline = t.timeline AND k.turn = t.turn
    WHERE t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status = 'ok' AND k.kind = 'route' AND k.status = 'ok'
          AND k.block >= NEW.turn || '.' AND k.block < NEW.turn || '/'
          AND NOT EXISTS (
              SELECT 1 FROM attempts a WHERE a.timeline = NEW.timeline AND a.run = '' AND a.turn = NEW.turn
              AND a.role = 'route' AND a.attempt >= NEW.turn || '.' AND a.attempt < NEW.turn || '/');
END;

CREATE TRIGGER turns_weighed_insert AFTER INSERT ON turns WHEN NEW.status IS NOT NULL
BEGIN
    INSERT INTO weighing VALUES (NEW.timeline, NEW.turn);
END;

CREATE TRIGGER turns_weighed_update AFTER UPDATE OF status ON turns WHEN OLD.status IS NOT NULL OR NEW.status IS NOT NULL
BEGIN
    INSERT INTO weighing VALUES (NEW.timeline, NEW.turn);
END;

CREATE TRIGGER turns_weighed_delete AFTER DELETE ON turns
BEGIN
    DELETE FROM step_costs WHERE timeline = OLD.timeline AND turn = OLD.turn;
END;

-- A guess and the steps of a turn are weighed again when one of their attempts ends, also after its turn.
CREATE TRIGGER attempts_weighed_insert AFTER INSERT ON attempts
BEGIN
    DELETE FROM guesses WHERE timeline = NEW.timeline AND run = NEW.run
        AND attempt >= NEW.turn || '.' AND attempt < NEW.turn || '/';
    INSERT INTO guesses SELECT g.* FROM guess_figures g WHERE g.timeline = NEW.timeline AND g.run = NEW.run
        AND g.attempt >= NEW.turn || '.' AND g.attempt < NEW.turn || '/';
    INSERT INTO weighing SELECT NEW.timeline, NEW.turn FROM turns t
    WHERE NEW.run = '' AND t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status IS NOT NULL;
END;

CREATE TRIGGER attempts_weighed_update AFTER UPDATE OF outcome, speculated, turn, block, role, nano_usd,
    cost_status, ttft_ms, duration_ms, phases, price, provider, model ON attempts
WHEN (OLD.outcome, OLD.speculated, OLD.turn, OLD.block, OLD.role, OLD.nano_usd, OLD.cost_status, OLD.ttft_ms,
      OLD.duration_ms, OLD.phases, OLD.price, OLD.provider, OLD.model)
     IS NOT
     (NEW.outcome, NEW.speculated, NEW.turn, NEW.block, NEW.role, NEW.nano_usd, NEW.cost_status, NEW.ttft_ms,
      NEW.duration_ms, NEW.phases, NEW.price, NEW.provider, NEW.model)
BEGIN
    DELETE FROM guesses WHERE timeline = NEW.timeline AND run = NEW.run
        AND attempt >= NEW.turn || '.' AND attempt < NEW.turn || '/';
    INSERT INTO guesses SELECT g.* FROM guess_figures g WHERE g.timeline = NEW.timeline AND g.run = NEW.run
        AND g.attempt >= NEW.turn || '.' AND g.attempt < NEW.turn || '/';
    INSERT INTO weighing SELECT NEW.timeline, NEW.turn FROM turns t
    WHERE NEW.run = '' AND t.timeline = NEW.timeline AND t.turn = NEW.turn AND t.status IS NOT NULL;
END;

CREATE TRIGGER attempts_weighed_delete AFTER DELETE ON attempts
BEGIN
    DELETE FROM guesses WHERE timeline = OLD.timeline AND run = OLD.run
        AND attempt >= OLD.turn || '.' AND attempt < OLD.turn || '/';
    INSERT INTO guesses SELECT g.* FROM guess_figures g WHERE g.timeline = OLD.timeline AND g.run = OLD.run
        AND g.attempt >= OLD.turn || '.' AND g.attempt < OLD.turn || '/';
    INSERT INTO weighing SELECT OLD.timeline, OLD.turn FROM turns t
    WHERE OLD.run = '' AND t.timeline = OLD.timeline AND t.turn = OLD.turn AND t.status IS NOT NULL;
END;

-- Models that the price table of this version lacks: the table is not loaded again to find that out.
CREATE TABLE unpriced_models (
    provider TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (provider, model)
) WITHOUT ROWID;

-- Tries after a failed one are found from the failed one.
CREATE INDEX attempts_failed ON attempts (block) WHERE outcome = 'failed';
-- The rows that hold money.
CREATE INDEX attempts_held ON attempts (day) WHERE reserved IS NOT NULL;

INSERT INTO counting SELECT 1, f.* FROM attempt_figures f;
INSERT INTO guesses SELECT g.* FROM guess_figures g;
INSERT INTO weighing SELECT timeline, turn FROM turns WHERE status IS NOT NULL;
