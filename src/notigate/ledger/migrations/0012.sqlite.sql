-- What a dispatcher has in hand takes two steps in one go. It stands apart from what waits, where the number alone finds its place;
-- and by its worker, which is compared before the texts, each of the other indexes knows that it is not in it.
DROP INDEX delivery_open;
CREATE INDEX delivery_waiting ON delivery (state, channel, asked, worker, next_at)
    WHERE worker = 0 AND (state = 'queued' OR state = 'held' OR state = 'retry_wait' OR state = 'unknown');
-- (An older program in a ledger of one file has no worker.)
CREATE INDEX delivery_in_hand ON delivery (id) WHERE worker <> 0 OR state = 'claimed' OR state = 'sending';
DROP INDEX delivery_settled;
CREATE INDEX delivery_settled ON delivery (state, changed_at)
    WHERE worker = 0 AND state <> 'queued' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown';
DROP INDEX delivery_occasion;
CREATE INDEX delivery_occasion ON delivery (occasion, state, changed_at)
    WHERE worker = 0 AND state <> 'queued' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown';
