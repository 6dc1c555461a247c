"""What is planned in a run, looked at on its way into batches: who is left out, and who comes after a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from notigate.approvals import APPROVAL, LeftOut, Stage
from notigate.ledger import batches
from notigate.model import Drop, State
from notigate.planner import Planned

if TYPE_CHECKING:
    from notigate.ledger.batch import Recipe
    from notigate.ledger.store import Ledger

#: people whom a rule leaves out, that are named
NAMED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Watches the plans of one run."""

    ledger: Ledger
    #: how what is sent by name in this run was asked for
    recipe: Recipe
    _left_out: dict[tuple[str, date], dict[str, LeftOut]] = field(default_factory=dict)
    _refused: dict[tuple[str, date], bool] = field(default_factory=dict)

    def seen(self, item: Planned) -> Planned:
        """As it is to be promised: who came after a batch was refused is refused, too."""
        if item.draft.reason == APPROVAL and self._was_refused(item):
            return _refused(item)
        if isinstance(item.verdict, Drop):
            self.leave_out(item)
        return item

    def leave_out(self, item: Planned) -> None:
        """Note whom a rule keeps out of a batch."""
        draft = item.draft
        rules = self._left_out.setdefault((draft.occasion, draft.day), {})
        there = rules.get(draft.reason, LeftOut(number=0, people=()))
        people = (*there.people, draft.person) if len(there.people) < NAMED else there.people
        rules[draft.reason] = LeftOut(number=there.number + 1, people=people)

    def left_out(self, occasion: str, day: date) -> Mapping[str, LeftOut] | None:
        """Rule by rule, of what was seen so far; None: nobody."""
        return self._left_out.get((occasion, day))

    def _was_refused(self, item: Planned) -> bool:
        """Everything of that occasion and day; what is asked for by name is asked for anew."""
        key = (item.draft.occasion, item.draft.day)
        if self.recipe.named or item.draft.asked:
            return False
        if key not in self._refused:
            with self.ledger.read() as tx:
                stages = {batch.state for batch in batches.of_occasion(tx, *key)}
            self._refused[key] = stages == {Stage.REFUSED}
        return self._refused[key]


def _refused(item: Planned) -> Planned:
    draft = item.draft._replace(state=State.SUPPRESSED, reason="refused", content=None, expires_at=None)
    return item._replace(draft=draft, verdict=Drop("refused"), segments=0)
