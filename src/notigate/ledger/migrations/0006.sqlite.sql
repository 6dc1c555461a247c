-- Whom the carrier's word is still waited for: accepted, with `next_at` the time to ask for it. Who is not asked for
-- (`next_at` as of what waits for a person) is not in it.
CREATE INDEX delivery_awaited ON delivery (channel, next_at) WHERE state = 'accepted' AND next_at < 253402300799000;
