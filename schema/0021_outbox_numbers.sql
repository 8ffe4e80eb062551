-- What waits is found number by number: neither what another number has waiting, nor what is under way or was lately
-- sent, costs a look. A send that leaves at once never enters the index.
CREATE INDEX outbox_waiting ON outbox (account_id, instance_id, run_at, message_id) WHERE lease_until IS NULL;
DROP INDEX outbox_ready;
