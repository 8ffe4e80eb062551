-- What leads are searched, narrowed and put in order by, with an index for each.

-- Both come with PostgreSQL's own packages and are trusted: who may create in the database may install them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- A lead's tags once more, a row each: an index over an array finds the leads of a tag, but not the first few of them.
CREATE TABLE lead_tags (
    account_id bigint NOT NULL,
    tag text NOT NULL,
    lead_id bigint NOT NULL,
    PRIMARY KEY (account_id, tag, lead_id),
    FOREIGN KEY (account_id, lead_id) REFERENCES leads (account_id, id)
);
CREATE INDEX lead_tags_of_lead ON lead_tags (account_id, lead_id);
INSERT INTO lead_tags (account_id, tag, lead_id)
SELECT DISTINCT l.account_id, t.tag, l.id FROM leads l, unnest(l.tags) AS t (tag);

CREATE INDEX leads_by_source ON leads (account_id, source, id);
CREATE INDEX leads_by_status ON leads (account_id, status, id);
CREATE INDEX leads_archived ON leads (account_id, id) WHERE archived_at IS NOT NULL;
CREATE INDEX leads_by_name ON leads (account_id, name, id);
-- By amount, in minor units; a lead without one counts as worth nothing.
CREATE INDEX leads_by_value ON leads (account_id, (COALESCE(value_minor, 0)), id);
CREATE INDEX leads_lost_for ON leads (account_id, lost_reason_id) WHERE lost_reason_id IS NOT NULL;

-- What q looks for. Kept up to date with each write, so that no search has to go through a list of late comers.
CREATE INDEX leads_name_parts ON leads USING gin (account_id, name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX contacts_email_parts ON contacts USING gin (account_id, email gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX contacts_phone_parts ON contacts USING gin (account_id, phone gin_trgm_ops) WITH (fastupdate = off);

-- Whose window is open, and until when.
CREATE INDEX conversations_inbound ON conversations (account_id, last_inbound_at, contact_id)
    WHERE last_inbound_at IS NOT NULL;
