-- What waits is found number by number: neither what another number has waiting, nor what is under way or was lately
-- sent, costs a look. A send that leaves at once never enters the index.
--
-- It is of `lease_owner` and not of `lease_until`, which all other statements ask for: to a planner that saw the table
-- empty, as it often is, this index would seem as good for one conversation as that of the conversations.
ALTER TABLE outbox ADD CONSTRAINT outbox_leased CHECK ((lease_owner IS NULL) = (lease_until IS NULL));
CREATE INDEX outbox_waiting ON outbox (account_id, instance_id, run_at, message_id) WHERE lease_owner IS NULL;
DROP INDEX outbox_ready;
