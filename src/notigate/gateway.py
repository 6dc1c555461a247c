"""What a caller can ask of one opened project: the command line, the Python API and other systems come in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from notigate import approvals
from notigate.dispatcher.reconcile import resolve
from notigate.errors import UsageError
from notigate.ledger import batches, questions
from notigate.named import Named
from notigate.rooms import Rooms

if TYPE_CHECKING:
    from notigate.approvals import Batch, Said
    from notigate.audience.checkup import Checkup
    from notigate.ledger.history import Story
    from notigate.ledger.questions import Asked
    from notigate.model import Delivery, Person, Run
    from notigate.moments import Fact
    from notigate.planner import Planned, Stopped
    from notigate.planner.previews import Preview
    from notigate.reports.figures import Figures

#: seconds that a single send waits for its outcome
TIMEOUT = 30.0


class Gateway(Rooms):
    """One opened project: what its methods say may be asked; the rooms behind them may change without notice.

    Safe for threads: one gateway is for all threads of a process, each of which may send at any time. Close it when done,
    or use it in a `with` block. Settings and texts are as they were when they were first needed; a changed file is seen by
    the next gateway.
    """

    def send_due(self, *, dry_run: bool = False, limit: int | None = None) -> Run:
        """Send all that is due now; then tell our own people what somebody should look after, if they want to know.

        Args:
            dry_run: plan and render everything, promise and send nothing.
            limit: refuse the whole run when more than so many new messages would go out.

        Raises:
            LedgerBusy: another run is sending.
            NotigateError: something of ours is wrong; nothing was sent.
        """
        from notigate.campaigns import send_due  # noqa: PLC0415 - a single send needs none of it

        return send_due(self, dry_run=dry_run, limit=limit)

    def send(  # noqa: PLR0913 - one an option of the command
        self,
        *occasions: str,
        on: date | None = None,
        roster: Path | None = None,
        to: str | None = None,
        params: Mapping[str, str] | None = None,
        channel: str | None = None,
        key: str | None = None,
        dry_run: bool = False,
        limit: int | None = None,
        timeout: float = TIMEOUT,
    ) -> Run:
        """Send occasions by name: to everyone they concern on that day, or (`to`) one message to one address now.

        Args:
            occasions: such as `holiday/mid-autumn`.
            on: the business day; today when None.
            roster: a file instead of the project's.
            to: a phone number, mail address or WeCom id. A customer of the roster is recognised by it.
            params: facts for the texts, before columns of the same name.
            channel: this channel and no other.
            key: names the occurrence: the same key is the same message, and is never sent twice. Without one, the same
                occasion with the same `params` is the same message to the same reader all day.
            dry_run: plan and render everything, promise and send nothing.
            limit: refuse the whole run when more than so many new messages would go out.
            timeout: seconds to wait for the outcome of a single send; a call that has begun by then is finished.

        Raises:
            UsageError: no such occasion or channel; the key was used for another message (with `to`; of a roster's people,
                `problems` tells how many have another one, and the exit code is 2, or 1 where others got theirs).
            LedgerBusy: another run is sending (never with `to`).
            NotigateError: something of ours is wrong; nothing was sent.
        """
        if channel is not None:
            self.lineup.channel(channel)
        now = self.clock.now()
        named = Named(
            occasions=occasions, day=on or now.date(), now=now, given=dict(params or {}), channel=channel, key=key,
            roster=roster, asked=to is not None,
        )  # fmt: skip
        if to is not None:
            from notigate.singles import send_one  # noqa: PLC0415 - a campaign needs none of it

            return send_one(self, named, to, timeout, dry_run=dry_run)
        from notigate.campaigns import Campaign  # noqa: PLC0415 - a single send needs none of it

        campaign = Campaign.of_named(self, named, dry_run=dry_run)
        return campaign.run(self.record("send"), dry_run=dry_run, limit=limit)

    def fact(self, kind: str, **said: Any) -> Fact:  # noqa: ANN401 - said where they are checked
        """Tell a fact: a milestone, a payment, news, a complaint; occasions with `on_fact: KIND` are due for it.

        Args:
            kind: such as `payment`.
            said: whom it concerns: `person` (an id), `building`, `project`, or `everyone=True`; `on`, the day it happens
                (default: today), or `at`, the hour; `values` for texts and `who`; `key`, which names it: the same key is
                the same fact, and telling it again changes nothing; `dry_run` checks and tells nothing.

        Raises:
            UsageError: it cannot be understood, or its key was used for another fact.
        """
        return self.facts.tell(kind, **said)

    def plan(
        self, *, days: int = 1, first: date | None = None, person: str | None = None
    ) -> Iterator[Planned | Stopped]:
        """Who gets what and when, who does not and by which rule, day by day; nothing is promised.

        Args:
            days: how many, the first included.
            first: the first day; today when None.
            person: the id of somebody in the roster or of our own people; everyone when None.
        """
        from notigate.foresight import Foresight  # noqa: PLC0415 - sending needs none of it

        now = self.clock.now()
        begin = first or now.date()
        foresight = Foresight(
            ledger=self.ledger, agenda=self.agenda, planner=self.planner, now=now, read=self.readership.read,
            strangers=self.forecasts.strangers, person=person,
        )  # fmt: skip
        yield from self.planning.broken()
        yield from foresight.over(begin, begin + timedelta(days=days - 1))

    def unfit(self) -> tuple[Stopped, ...]:
        """Occasions whose readers the roster cannot tell, for a column is missing.

        Raises:
            AudienceError: the roster cannot be read.
        """
        columns = self.readership.read().columns
        return self.agenda.unfit(columns) if columns else ()

    def check_roster(
        self,
        file: Path | None = None,
        *,
        sheet: str | None = None,
        encoding: str | None = None,
        progress: Callable[[int], None] = lambda _rows: None,
    ) -> Checkup:
        """What is in the roster, or in `file`, and what is wrong with it: iterate over what it returns.

        Raises:
            AudienceError: it cannot be read as a whole.
            UsageError: the project has no roster.
        """
        kinds = tuple(dict.fromkeys(carrier.address for carrier in self.lineup.carriers() if carrier.address))
        return self.readership.check(file, sheet, encoding, kinds, progress)

    def preview(
        self,
        occasion: str,
        *,
        person: str | None = None,
        locales: Sequence[str] = (),
        awkward: bool = False,
        masked: bool = False,
    ) -> list[Preview]:
        """The texts of an occasion in all media, as readers would see them today.

        Args:
            occasion: such as `holiday/mid-autumn`.
            person: the id of somebody in the roster; the occasion's sample when None.
            locales: in these languages, whatever the reader's is.
            awkward: show them also to readers whose records have made texts go wrong elsewhere.
            masked: somebody of the roster with a name and addresses that tell nobody who it is.

        Raises:
            UsageError: no such occasion or person.
            NotigateError: the occasion is broken.
        """
        return self.previews.of(occasion, person, locales, awkward=awkward, masked=masked)

    def report(
        self, kind: str = "week", of: str | None = None, *, project: str | None = None, by_building: bool = False
    ) -> Figures:
        """The counts of a week (`2026-W47`) or month (`2026-11`); the current one when `of` is None."""
        return self.reports.figures(kind, of, project=project, by_building=by_building)

    def resolve(self) -> Counter[str]:
        """Ask the providers about unknown outcomes: how many were found, proven absent, repeated, or wait."""
        return self.sender().resolve()

    def log(self, **asked: Unpack[Asked]) -> Iterator[Delivery]:
        """What became of messages: those that fit all that is asked, oldest first, streamed.

        Args:
            asked: `person` (an id), `address`, `occasion`, `state` and others: the fields of `Asked`.

        Raises:
            TypeError: it cannot be asked for that: a misspelt word must not show everybody.
        """
        if strange := asked.keys() - questions.Asked.__annotations__.keys():
            raise TypeError(f"log() cannot be asked for {', '.join(sorted(strange))}")
        return questions.log(self.ledger, **asked)

    def story(self, delivery: int) -> Story:
        """All that the ledger knows of one delivery.

        Raises:
            UsageError: there is none of this number.
        """
        from notigate.ledger.history import story  # noqa: PLC0415 - sending needs none of it

        found = story(self.ledger, delivery)
        if found is None:
            raise UsageError("there is no delivery {id}; see: notigate log", id=delivery)
        return found

    def people(self) -> Iterator[Person]:
        """The people of the roster, as it is now; rows that cannot be used are left out."""
        return self.readership.people()

    def decide(self, delivery: int, decision: str, by: str, *, dry_run: bool = False) -> Delivery:
        """Record a person's word on an unknown outcome: `sent`, `resend` or `give-up`.

        Raises:
            UsageError: there is no such delivery, or it is not unknown.
        """
        found = questions.deliveries(self.ledger, [delivery])
        if not found:
            raise UsageError("there is no delivery {id}; see: notigate log --state unknown", id=delivery)
        return resolve(self.ledger, found[0], decision, by, self.times(), dry_run=dry_run)

    def approvals(self, *, every: bool = False) -> list[Batch]:
        """The batches that wait for an approval, by their days; or the latest of all, newest first."""
        if every:
            return approvals.every(self.ledger)
        return [batch for batch in approvals.waiting(self.ledger) if batch.channels]

    def batch(self, name: str) -> tuple[Batch, Iterator[Delivery], list[Said]]:
        """One batch, all its deliveries (streamed), and every word that was said on it.

        Raises:
            UsageError: there is none of this name.
        """
        found = approvals.find(self.ledger, name)
        return found, batches.members(self.ledger, found.id, listed=True), batches.said(self.ledger, found.id)

    def approve(  # noqa: PLR0913 - one an option of the command
        self, batch: str, *, approved: bool, by: str = "", because: str = "", digest: str = "", dry_run: bool = False
    ) -> int:
        """Let a batch go, or call it off; returns how many deliveries that concerned.

        Args:
            batch: its name, or its occasion where only one waits.
            approved: False calls it off.
            by: who says so; the user of this machine when empty.
            because: to be recorded with it.
            digest: the beginning of the digest of what was looked at: what has changed since is not approved.
            dry_run: only check and count.

        Raises:
            UsageError: no such batch waits.
            NotApproved: it has changed since it was drafted, or `by` may not approve it.
        """
        from notigate.drafting.deciding import Decision, decide  # noqa: PLC0415 - sending needs none of it

        word = Decision(approved=approved, by=by, because=because, digest=digest, dry_run=dry_run)
        return decide(self.drafting(), batch, word)

    def pull_receipts(self, *, dry_run: bool = False) -> Counter[str]:
        """Ask for the carriers' words on what was accepted; with `dry_run`, tell how many wait for one now."""
        return self.sender().pull_receipts(dry_run=dry_run)

    def member(self, identity: str) -> Person:
        """Somebody of the roster.

        Raises:
            UsageError: there is nobody with this id.
            AudienceError: the roster cannot be read.
        """
        return self.readership.member(identity)[0]
