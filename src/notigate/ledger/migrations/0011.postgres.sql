-- The log of an occasion, state by state in the order of the last change, so that a span that ended long ago is found at once.
DROP INDEX delivery_occasion;
CREATE INDEX delivery_occasion ON delivery (occasion, state, changed_at)
    WHERE state <> 'queued' AND state <> 'claimed' AND state <> 'sending' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown';
