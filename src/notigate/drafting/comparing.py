"""Is a batch still what would be drafted now? Where it is not, its deliveries are written anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from notigate.approvals import APPROVAL
from notigate.approvals.sealing import fingerprint
from notigate.ledger import batches, changes, redraft
from notigate.ledger.changes import Change
from notigate.model import Delivery, Drop, State
from notigate.planner import Planned, Stopped

if TYPE_CHECKING:
    from notigate.approvals import Batch
    from notigate.ledger.changes import Times
    from notigate.ledger.plan import Draft
    from notigate.ledger.store import Ledger

#: deliveries compared, and written anew, together
TOGETHER = 500
#: who is not to be reached now, or not in the trial, may be again; any other rule speaks for its reader, and for good
FOR_NOW = frozenset({"unreachable", "only"})


@dataclass(slots=True)
class Difference:
    """What is no longer as it was drafted."""

    #: another text, address, channel or language
    changed: int = 0
    #: nobody plans them any more
    gone: int = 0
    #: were gone, and are planned again
    back: int = 0
    #: what stands in the way of comparing
    stopped: list[Stopped] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone or self.back)

    def __str__(self) -> str:
        told = ((self.changed, "changed"), (self.gone, "no longer planned"), (self.back, "planned again"))
        return ", ".join(f"{n} {how}" for n, how in told if n)


class Comparison:
    """Compares one batch with a plan of today; with `mend`, makes it what the plan says."""

    def __init__(self, ledger: Ledger, batch: Batch, times: Times, *, mend: bool) -> None:
        self._ledger = ledger
        self._batch = batch
        self._times = times
        self._mend = mend
        self._seen: set[int] = set()
        self._found = Difference()

    def of(self, planned: Iterable[Planned | Stopped]) -> Difference:
        """Compare with a plan that also holds what is promised."""
        for some in _chunks(planned):
            self._found.stopped += (item for item in some if isinstance(item, Stopped))
            self._compare([item for item in some if isinstance(item, Planned)])
        if not self._found.stopped:
            self._miss()
        return self._found

    def _compare(self, planned: Sequence[Planned]) -> None:
        anew: list[tuple[Delivery, Draft]] = []
        barred: list[tuple[Delivery, Drop]] = []
        promised = redraft.promised(self._ledger, [item.draft for item in planned])
        for item, (delivery, batch) in ((i, p) for i, p in zip(planned, promised, strict=True) if p is not None):
            if not self._concerns(delivery, batch):
                continue
            if not isinstance(item.verdict, Drop):
                self._seen.add(delivery.id)
                moved = delivery.next_at != item.draft.next_at
                if batch is None or moved or fingerprint(delivery) != fingerprint(item.draft):
                    anew.append((delivery, item.draft))
                    self._found.back += batch is None
                    self._found.changed += batch is not None
            elif item.verdict.state is State.SUPPRESSED and item.verdict.rule not in FOR_NOW:
                self._seen.add(delivery.id)
                barred.append((delivery, item.verdict))
        self._write(anew, barred)

    def _concerns(self, delivery: Delivery, batch: int | None) -> bool:
        if delivery.state is not State.HELD:
            return False
        return batch == self._batch.id if batch is not None else delivery.reason == redraft.GONE

    def _write(self, anew: Sequence[tuple[Delivery, Draft]], barred: Sequence[tuple[Delivery, Drop]]) -> None:
        if not self._mend or not (anew or barred):
            return
        with self._ledger.write() as tx:
            if anew:
                batches.break_seal(tx, self._batch)
                redraft.rewrite(self._ledger, tx, anew, self._times)
            # A reader's own no needs nobody's approval, and takes none back.
            steps = [Change([d], drop.state, cause=drop.rule, reason=drop.rule) for d, drop in barred]
            changes.apply(tx, steps, self._times)

    def _miss(self) -> None:
        """What was not seen is not planned any more."""
        last = 0
        while some := batches.held(self._ledger, self._batch.id, TOGETHER, last):
            last = some[-1].id
            gone = [d for d in some if d.id not in self._seen and d.reason == APPROVAL]
            self._found.gone += len(gone)
            if gone and self._mend:
                with self._ledger.write() as tx:
                    batches.break_seal(tx, self._batch)
                    redraft.leave(tx, gone, self._times)


def _chunks(planned: Iterable[Planned | Stopped]) -> Iterator[list[Planned | Stopped]]:
    source = iter(planned)
    while chunk := list(islice(source, TOGETHER)):
        yield chunk
