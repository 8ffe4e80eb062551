-- What waits is found number by number: neither what another number has waiting nor what is under way costs a look. A
-- send that leaves at once enters neither index. What waited and is claimed pays for it: its row is written to all
-- indexes anew.
--
-- They are of `lease_owner`, while what is asked of one conversation goes by `lease_until`: to a planner that saw the
-- table empty, as it often is, an index of the numbers would seem as good for it as that of the conversations.
ALTER TABLE outbox ADD CONSTRAINT outbox_leased CHECK ((lease_owner IS NULL) = (lease_until IS NULL));
CREATE INDEX outbox_waiting ON outbox (account_id, instance_id, run_at, message_id) WHERE lease_owner IS NULL;
-- Whether anything is due at all.
CREATE INDEX outbox_due ON outbox (run_at) WHERE lease_owner IS NULL;
DROP INDEX outbox_ready;
