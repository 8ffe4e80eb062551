-- How many contacts a business account has written to first: Meta's messaging limit.

-- Counted by the hour, and added up from what all processes told. An hour counts until the last of it is a day old. A row
-- whose count is below zero counts as zero: contacts were moved out of an hour that was told of too little.
CREATE TABLE tier_counts (
    account_id bigint NOT NULL REFERENCES accounts (id),
    business_account_id text NOT NULL,
    hour timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (account_id, business_account_id, hour)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE tier_counts ALTER COLUMN account_id SET (n_distinct = 1);

-- When the contact was last written to outside an open window, by a number whose messaging limit is known.
ALTER TABLE conversations ADD COLUMN tier_counted_at timestamptz;

-- The message waits until its business account may write to one more contact; it is due at once where the window opens,
-- or the limit is another.
ALTER TABLE outbox ADD COLUMN tier_waits boolean NOT NULL DEFAULT false;
CREATE INDEX outbox_of_tier ON outbox (account_id, instance_id, message_id) WHERE tier_waits;
