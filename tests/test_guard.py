"""What the guard costs those whom it has nothing to say to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notigate.guard import usual
from notigate.ledger import open_ledger
from notigate.planner import Stopped
from notigate.planner.wish import Wish

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def test_what_has_no_usual_size_is_not_kept_waiting_until_all_is_counted(tmp_path):
    first = Stopped("holiday/spring", "why")

    def planned():
        yield first
        pytest.fail("counted ahead")

    ledger = open_ledger(f"sqlite:///{tmp_path}/notigate.db")
    guarded = usual(ledger, 5, Wish(day=NOW.date(), now=NOW, due=()), planned())
    assert next(guarded) == first
    ledger.close()
