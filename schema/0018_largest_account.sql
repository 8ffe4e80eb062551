-- The planner takes the account that it is asked for to be the largest one, and never an average one: plans are made
-- once for all accounts, and what fits a thousand small accounts (reading all that an account has) ruins the one that
-- owns most of the rows. With one distinct value declared, the share of a table that `account_id = $1` finds is taken
-- from its most common value. Holds from the next ANALYZE on.
ALTER TABLE api_key_overlaps ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE api_keys ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE consents ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE contact_identifiers ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE contact_merges ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE contacts ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE conversations ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE custom_fields ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE erased_identifiers ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE idempotency_keys ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE import_chunks ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE import_lines ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE imports ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE instances ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE lead_tags ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE leads ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE lost_reasons ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE media ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE media_chunks ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE media_fetches ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE media_uploads ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE messages ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE outbox ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE parked_statuses ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE pipelines ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE rate_windows ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE sequence_enrolments ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE sequence_steps ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE sequences ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE stages ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE tasks ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE templates ALTER COLUMN account_id SET (n_distinct = 1);
ALTER TABLE users ALTER COLUMN account_id SET (n_distinct = 1);

-- So with what belongs to an account: the stages of all accounts are many, those among which its own leads lie are few.
ALTER TABLE conversations ALTER COLUMN instance_id SET (n_distinct = 1);
ALTER TABLE leads ALTER COLUMN assigned_to SET (n_distinct = 5);
ALTER TABLE leads ALTER COLUMN pipeline_id SET (n_distinct = 1);
ALTER TABLE leads ALTER COLUMN stage_id SET (n_distinct = 5);
ALTER TABLE messages ALTER COLUMN instance_id SET (n_distinct = 1);
ALTER TABLE tasks ALTER COLUMN assigned_to SET (n_distinct = 5);

-- Those that hold the most are looked at anew at once; the others when autovacuum comes by.
ANALYZE contact_identifiers, contacts, conversations, idempotency_keys, lead_tags, leads, messages, outbox, tasks;
