"""One message to one address, now: promised at once, and its outcome waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from notigate.ledger import batches
from notigate.planner import Planned
from notigate.rehearsal import refuse_moved_clock, rehearse
from notigate.sums import Sums

if TYPE_CHECKING:
    from notigate.model import Run
    from notigate.named import Named
    from notigate.planner import Stopped
    from notigate.rooms import Rooms


def send_one(rooms: Rooms, named: Named, to: str, timeout: float, *, dry_run: bool) -> Run:
    """Send what is named to the reader behind an address; see `Gateway.send`."""
    wish, stopped = named.wish(rooms.agenda)
    reader, columns = rooms.readership.reader(to, named.given, named.roster, rooms.ledger)
    wish = replace(wish, columns=columns)
    rooms.gate.open_for(keep=not dry_run)
    planned = [*stopped, *rooms.planner.plan(wish, [reader])]
    if dry_run:
        return rehearse(rooms.lineup, planned, Sums(), wish.now)
    refuse_moved_clock(rooms.clock, rooms.lineup, named.channel)
    for item in planned:
        if isinstance(item, Planned) and item.report:
            rooms.reports.publish(item.report, item.draft.day)

    def settle(sums: Sums) -> Iterator[Planned | Stopped]:
        if batches.standing(rooms.ledger) or batches.loose(rooms.ledger):
            yield from rooms.drafting(named.recipe).settle(sums)

    with rooms.record("send") as record:
        return rooms.sender(settle).single(planned, Sums(rooms.progress), record, timeout)
