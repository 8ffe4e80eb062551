-- How fast a number may send, and what it has sent.

-- Messages a second: Meta's throughput level. It may be set to what a test needs.
ALTER TABLE instances ADD COLUMN throughput integer NOT NULL DEFAULT 80
    CONSTRAINT instances_throughput CHECK (throughput BETWEEN 1 AND 1000000);
-- WAHA: the pause between two sends is drawn from this span; NULL is none.
ALTER TABLE instances ADD COLUMN least_gap_ms integer;
ALTER TABLE instances ADD COLUMN most_gap_ms integer;
ALTER TABLE instances ADD CONSTRAINT instances_gap CHECK (
    (least_gap_ms IS NULL) = (most_gap_ms IS NULL) AND least_gap_ms >= 0 AND most_gap_ms >= least_gap_ms);
-- WAHA: how many go within an hour of the clock, and within a day of UTC; NULL is any number.
ALTER TABLE instances ADD COLUMN hourly_budget integer
    CONSTRAINT instances_hourly_budget CHECK (hourly_budget >= 0);
ALTER TABLE instances ADD COLUMN daily_budget integer
    CONSTRAINT instances_daily_budget CHECK (daily_budget >= 0);

-- What all processes have told of a number's sending, added up. Each tells in blocks, and learns from it what the others
-- have sent. No number that never sent has a row.
CREATE TABLE number_paces (
    account_id bigint NOT NULL,
    instance_id bigint NOT NULL,
    -- When the number at its even rate would be through with all of it.
    paid_until timestamptz,
    hour_start timestamptz NOT NULL,
    hour_count integer NOT NULL,
    day_start timestamptz NOT NULL,
    day_count integer NOT NULL,
    PRIMARY KEY (account_id, instance_id),
    FOREIGN KEY (account_id, instance_id) REFERENCES instances (account_id, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE number_paces ALTER COLUMN account_id SET (n_distinct = 1);

-- When the contact at its even rate would be through with all that was sent to them (Cloud API); and the message that was
-- last let go, by which a send sees whether it was.
ALTER TABLE conversations ADD COLUMN paced_until timestamptz;
ALTER TABLE conversations ADD COLUMN paced_message_id bigint;
