-- What happened with a lead, newest first, and by whom.

-- Of what tells of a lead or a task: the key that asked for it. NULL where none did, as when a contact wrote.
ALTER TABLE events ADD COLUMN api_key_id bigint;

-- A lead's story: what became of it and of its tasks. By type, so that each kind is found by itself, however many of
-- another the lead has; what tells of messages is not in it, as the messages themselves are told.
CREATE INDEX events_story ON events (account_id, lead_id, type, created_at, id)
    WHERE type LIKE 'lead.%' OR type LIKE 'task.%';
-- By instance, so that a key that sees a few finds theirs at once.
CREATE INDEX messages_story ON messages (account_id, lead_id, instance_id, queued_at, id) WHERE lead_id IS NOT NULL;
