-- The change of 0006.sqlite.sql.
CREATE INDEX delivery_awaited ON delivery (channel, next_at) WHERE state = 'accepted' AND next_at < 253402300799000;
