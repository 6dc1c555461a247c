"""How often a plan is made for the guard's sake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notigate.guard import LOOKED_AT, usual
from notigate.ledger import open_ledger
from notigate.planner import Stopped
from notigate.planner.wish import Wish

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def test_what_has_no_usual_size_is_planned_once(tmp_path):
    def again():
        pytest.fail("planned a second time")

    planned = [Stopped("holiday/spring", f"why {n}") for n in range(2 * LOOKED_AT)]
    wish = Wish(day=NOW.date(), now=NOW, due=())
    ledger = open_ledger(f"sqlite:///{tmp_path}/notigate.db")
    assert list(usual(ledger, 5, wish, iter(planned), again)) == planned
    ledger.close()
