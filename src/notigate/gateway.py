"""Puts the rooms together: one opened project, as the command line, the Python API and other systems use it."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack, cast
from zoneinfo import ZoneInfo

from notigate import address, approvals, audience, plugins, settings
from notigate.agenda import Agenda, fit_for
from notigate.approvals import Batch, Said
from notigate.audience import BadRows
from notigate.calendar import Almanac
from notigate.catalogue import Catalogue
from notigate.consent import Consent
from notigate.daily import Daily
from notigate.dispatcher.reconcile import Patience, resolve
from notigate.drafting import Decision, Drafting
from notigate.edges import Clock, real_now
from notigate.errors import EmptyRoster, NotigateError, UsageError
from notigate.facts import Facts
from notigate.forecasts import Forecasts
from notigate.foresight import Foresight
from notigate.guard import refuse_more_than, usual
from notigate.language import negotiate
from notigate.ledger import batches, open_ledger, questions, reviewed
from notigate.ledger.batches import Recipe
from notigate.ledger.changes import Times
from notigate.ledger.facts import due as due_facts
from notigate.ledger.questions import Asked
from notigate.lineup import Lineup
from notigate.model import Attachment, Delivery, Go, Hold, Outcome, Person, Run, Verdict
from notigate.planner import Planned, Planner, Stopped
from notigate.planner.previews import Preview, Seen, incognito, previews, sample, seen
from notigate.planner.roundups import by_name
from notigate.planner.routes import Routes
from notigate.planner.wish import Wish
from notigate.policy import at_hour, at_own_hour
from notigate.render import Context
from notigate.reviews import Gate
from notigate.reviews.gate import DOUBTED
from notigate.sending import Sender
from notigate.sums import Sums, exit_code, summary

if TYPE_CHECKING:
    from notigate.ledger.history import Story
    from notigate.ledger.store import Ledger
    from notigate.moments import Fact
    from notigate.plugin import Message
    from notigate.privacy import Privacy
    from notigate.reports.figures import Figures
    from notigate.settings import Settings
    from notigate.texts import Texts

log = logging.getLogger("notigate")

#: lets `--now` through on channels that reach people
ALLOW_NOW = "NOTIGATE_ALLOW_NOW"
#: seconds that a single send waits for its outcome
TIMEOUT = 30.0


class Gateway:
    """One opened project. Safe for threads; close it when done, or use it in a `with` block."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        #: set it to end a run early: no new claims, calls in flight finish, the rest stays queued
        self.stop = threading.Event()
        #: told while a run goes on: how many went out, of how many that are known to go
        self.progress: Callable[[int, int], None] = lambda _done, _known: None

    @classmethod
    def open(cls, folder: str | Path | None = None, *, now: datetime | time | None = None) -> Self:
        """Open the project in `folder`; see `notigate.open`. A `now` without a day is a time of today."""
        loaded = settings.load(settings.find(folder))
        real = real_now()
        shift = timedelta(0) if now is None else _local(now, loaded) - real
        return cls(loaded, Clock(loaded.timezone, shift))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections and files."""
        if "lineup" in self.__dict__:
            self.lineup.close()
        if "forecasts" in self.__dict__:
            self.forecasts.close()
        if "ledger" in self.__dict__:
            self.ledger.close()

    # The rooms, each opened when it is first needed.

    @cached_property
    def plugins(self) -> plugins.Plugins:
        """The plugins that the project names."""
        return plugins.load(self.settings.named_plugins, self.settings.folder)

    @cached_property
    def lineup(self) -> Lineup:
        """The configured channels."""
        return Lineup(self.settings, self.plugins)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger; made on the very first use."""
        return open_ledger(self.settings.ledger, self.settings.ledger_key)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Occasions and texts."""
        offered = [folder for folders in self.plugins.hook.notigate_template_folders() for folder in folders]
        own = self.settings.folder / "templates"
        return Catalogue.open(
            [own, *offered], locale=self.settings.locale, overrides=self.settings.occasions, groups=self.settings.groups
        )

    @cached_property
    def texts(self) -> Texts:
        """The texts as their authors see them: listed, checked, compared, submitted."""
        from notigate.texts import Texts  # noqa: PLC0415 - sending needs none of it

        return Texts(
            settings=self.settings, catalogue=self.catalogue, lineup=self.lineup, ledger=lambda: self.ledger,
            clock=self.clock,
        )  # fmt: skip

    @cached_property
    def gate(self) -> Gate:
        """Stops texts that their providers did not approve."""
        return Gate(lambda: self.ledger, self.lineup.channel, self.clock.real, self.settings.approved_text)

    @cached_property
    def almanac(self) -> Almanac:
        """The project's workdays and lunar calendar."""
        offered = {day: works for days in self.plugins.hook.notigate_calendars() for day, works in days.items()}
        return self.settings.almanac(offered)

    @cached_property
    def agenda(self) -> Agenda:
        """What is due when."""
        home = str(self.settings.project.get("name") or "")
        return Agenda(
            self.catalogue, self.almanac, self.forecasts.due, lambda *asked: due_facts(self.ledger, *asked), home
        )

    @cached_property
    def facts(self) -> Facts:
        """What other systems and clerks have told."""
        return Facts(self.ledger, self.clock, self.settings.timezone)

    @cached_property
    def forecasts(self) -> Forecasts:
        """The sources of weather."""
        return Forecasts(self.settings, self.plugins, self.clock)

    @cached_property
    def consent(self) -> Consent:
        """The register of opt-outs and consents."""
        return Consent(self.ledger, self.clock.now)

    @cached_property
    def privacy(self) -> Privacy:
        """Erasing, forgetting, and who looked."""
        from notigate.privacy import Privacy  # noqa: PLC0415 - sending needs none of it

        return Privacy(self.ledger, self.lineup, self._times, self.settings.privacy.kept)

    # What a caller can ask for.

    def send_due(self, *, dry_run: bool = False, limit: int | None = None) -> Run:
        """Send all that is due now.

        Args:
            dry_run: plan and render everything, promise and send nothing.
            limit: refuse the whole run when more than so many new messages would go out.

        Raises:
            LedgerBusy: another run is sending.
            NotigateError: something of ours is wrong; nothing was sent.
        """
        daily = self.daily(dry_run=dry_run)
        wish, stopped = daily.wish()
        drafting, sums = self._drafting(), Sums(self.progress, today=wish.day)
        return self._campaign(wish, stopped, drafting, sums, dry_run=dry_run, limit=limit, daily=daily)

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
            key: names the occurrence: the same key is the same message, and is never sent twice.
            dry_run: plan and render everything, promise and send nothing.
            limit: refuse the whole run when more than so many new messages would go out.
            timeout: seconds to wait for the outcome of a single send.

        Raises:
            UsageError: no such occasion or channel; the key was used for another message.
            LedgerBusy: another run is sending (never with `to`).
            NotigateError: something of ours is wrong; nothing was sent.
        """
        now = self.clock.now()
        day = on or now.date()
        given = dict(params or {})
        if channel is not None:
            self.lineup.channel(channel)
        due, stopped = self.agenda.named(occasions, day, given, key, asked=to is not None)
        wish = Wish(day=day, now=now, due=due, given=given, channel=channel, asked=to is not None)
        recipe = Recipe(
            named=True,
            asked=to is not None,
            given=given,
            channel=channel,
            key=key,
            roster=str(roster) if roster else None,
        )
        drafting = self._drafting(recipe)
        if to is None:
            sums = Sums(self.progress)
            return self._campaign(wish, stopped, drafting, sums, roster=roster, dry_run=dry_run, limit=limit)
        reader = self._reader(to, given, roster)
        self.gate.open_for(keep=not dry_run)
        planned = [*stopped, *self.planner.plan(wish, [reader])]
        if dry_run:
            return self._rehearse(planned, Sums(), now)
        self._refuse_moved_clock(channel)
        return self._sender(drafting).single(planned, Sums(self.progress), timeout)

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
        now = self.clock.now()
        begin = first or now.date()
        foresight = Foresight(
            ledger=self.ledger, agenda=self.agenda, planner=self.planner, now=now, read=self._read,
            signatures=self.settings.signatures, strangers=self.forecasts.strangers, person=person,
        )  # fmt: skip
        yield from (Stopped("", f"{name}: {why}") for name, why in self.lineup.broken().items())
        yield from foresight.over(begin, begin + timedelta(days=days - 1))

    def _read(self) -> tuple[Iterator[Person], frozenset[str]]:
        found = self._roster()
        return _usable(found), found.columns

    def unfit(self) -> tuple[Stopped, ...]:
        """Occasions whose readers the roster cannot tell, for a column is missing.

        Raises:
            AudienceError: the roster cannot be read.
        """
        columns = self._roster().columns
        return self.agenda.unfit(columns) if columns else ()

    def check_roster(
        self,
        file: Path | None = None,
        *,
        sheet: str | None = None,
        encoding: str | None = None,
        progress: Callable[[int], None] = lambda _rows: None,
    ) -> audience.Checkup:
        """What is in the roster, or in `file`, and what is wrong with it: iterate over what it returns.

        Raises:
            AudienceError: it cannot be read as a whole.
            UsageError: the project has no roster.
        """
        roster = audience.of(self.settings, file)
        if roster is None:
            raise UsageError("the project has no roster; name a file")
        roster = replace(roster, sheet=sheet or roster.sheet, encoding=encoding or roster.encoding)
        kinds = dict.fromkeys(carrier.address for carrier in self.lineup.carriers() if carrier.address)
        hook = cast("audience.Hook", self.plugins.hook)
        return audience.checked(
            roster, self.settings.folder, hook, kinds=tuple(kinds) or audience.EVERY_WAY, progress=progress
        )

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
        chosen = self.catalogue.occasion(occasion)
        reader = sample(chosen) if person is None else self.member(person)
        reader = incognito(reader) if masked and person is not None else reader
        context = Context(project=self.settings.project, today=self.clock.now().date())
        for locale in locales:
            self._refuse_unwritten(occasion, locale)
        wanted = locales or (reader.language or self.settings.locale,)
        signature = next(iter(self.settings.signatures.values()), "")
        shown_to = [seen(chosen, reader, context)]
        if awkward:
            from notigate.lint.people import readers  # noqa: PLC0415 - sending needs none of it

            shown_to += [
                Seen(reader=one.person, context=one.context(context), about=one.why)
                for one in readers(chosen)
                if one.why
            ]
        return [
            one
            for by in shown_to
            for locale in wanted
            for one in previews(self.catalogue, occasion, by, locale, signature)
        ]

    def report(
        self, kind: str = "week", of: str | None = None, *, project: str | None = None, by_building: bool = False
    ) -> Figures:
        """The counts of a week (`2026-W47`) or month (`2026-11`); the current one when `of` is None."""
        from notigate.reports.figures import figures  # noqa: PLC0415 - sending needs none of it
        from notigate.reports.spans import named  # noqa: PLC0415 - as above

        span = named(kind, of, self.clock.now().date())
        found = figures(self.ledger, span, project=project, by_building=by_building)
        return replace(found, titles=self._titles({row.occasion for row in found.rows}))

    @cached_property
    def _enclosed(self) -> Callable[[str, date], tuple[Mapping[str, object], tuple[Attachment, ...]]]:
        """The report of the week or month of a day, made once for all its readers."""
        from notigate.reports import enclosed, prints, spans  # noqa: PLC0415 - only where a report is due

        @lru_cache(maxsize=4)
        def made(kind: str, day: date) -> tuple[Mapping[str, object], tuple[Attachment, ...]]:
            span = spans.week(day) if kind == "week" else spans.month(day)
            found = self.report(kind, span.name)
            changed = prints.compared(self.ledger, found, self.clock.now()).told(found)
            return enclosed.facts(found, changed), enclosed.attachments(found, changed)

        return made

    def _titles(self, occasions: Iterable[str]) -> dict[str, str]:
        """Of those that still exist."""
        titles = {}
        for name in occasions:
            with suppress(NotigateError):
                titles[name] = self.catalogue.occasion(name).title
        return titles

    def resolve(self) -> Counter[str]:
        """Ask the providers about unknown outcomes: how many were found, proven absent, repeated, or wait."""
        return self._sender().resolve()

    def log(self, **asked: Unpack[Asked]) -> Iterator[Delivery]:
        """What became of messages: those that fit all that is asked, oldest first, streamed."""
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
        return _usable(self._roster())

    def decide(self, delivery: int, decision: str, by: str, *, dry_run: bool = False) -> Delivery:
        """Record a person's word on an unknown outcome: `sent`, `resend` or `give-up`.

        Raises:
            UsageError: there is no such delivery, or it is not unknown.
        """
        found = questions.deliveries(self.ledger, [delivery])
        if not found:
            raise UsageError("there is no delivery {id}; see: notigate log --state unknown", id=delivery)
        return resolve(self.ledger, found[0], decision, by, self._times(), dry_run=dry_run)

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
        word = Decision(approved=approved, by=by, because=because, digest=digest, dry_run=dry_run)
        return self._drafting().decide(batch, word)

    def pull_receipts(self, *, dry_run: bool = False) -> Counter[str]:
        """Ask for the carriers' words on what was accepted; with `dry_run`, tell how many wait for one now."""
        return self._sender().pull_receipts(dry_run=dry_run)

    @cached_property
    def planner(self) -> Planner:
        """Plans for this project's channels, people and rules."""
        return Planner(
            ledger=self.ledger,
            catalogue=self.catalogue,
            routes=Routes(self.lineup.carriers()),
            policy=self.settings.policy,
            project=self.settings.project,
            locale=self.settings.locale,
            staff=by_name(self.settings.staff),
            refusal=self._refusal,
            unapproved=lambda channel, occasion, text: self.gate.objection(channel, occasion, text.locale, text.digest),
            signatures=self.settings.signatures,
            enclosed=self._enclosed,
            rules=[rule for rules in self.plugins.hook.notigate_rules() for rule in rules],
            complete=not self.lineup.broken(),
        )

    def _drafting(self, recipe: Recipe | None = None) -> Drafting:
        return Drafting(
            ledger=self.ledger, catalogue=self.catalogue, agenda=self.agenda, planner=self.planner, settings=self.settings,
            clock=self.clock, plan=lambda wish, file: self._planned(wish, roster=Path(file) if file else None),
            recipe=recipe or Recipe(),
        )  # fmt: skip

    def _campaign(  # noqa: PLR0913 - one an option of the command
        self,
        wish: Wish,
        stopped: Sequence[Stopped],
        drafting: Drafting,
        sums: Sums,
        *,
        roster: Path | None = None,
        dry_run: bool = False,
        limit: int | None = None,
        daily: Daily | None = None,
    ) -> Run:
        bad = BadRows()

        def planned() -> Iterator[Planned | Stopped]:
            yield from stopped
            found, again = self._planned(wish, bad, roster, daily), partial(self._planned, wish, roster=roster)
            yield from drafting.watch(usual(self.ledger, factor, wish.day, found, again))
            if sums.today:
                yield from drafting.watch(drafting.ahead())
            sums.rows(bad)
            if daily is not None:
                daily.tell(sums)

        factor = self.settings.policy.guard if limit is None else 0
        self.gate.open_for(keep=not dry_run)
        if limit is not None:
            refuse_more_than(limit, self._planned(wish, roster=roster))
        if dry_run:
            return self._rehearse(planned(), sums, wish.now)
        self._refuse_moved_clock(wish.channel)
        self.gate.look_at(reviewed.waiting(self.ledger, wish.now))
        return self._sender(drafting).campaign(planned(), sums, wish.day if daily else None)

    def daily(self, *, dry_run: bool = False) -> Daily:
        """The run of today: what it looks at, and what it found to be corrected."""
        return Daily(self.ledger, self.agenda, self._times(), dry_run=dry_run)

    def _rehearse(self, planned: Iterable[Planned | Stopped], sums: Sums, now: datetime) -> Run:
        """What the real run would refuse, a rehearsal refuses too: channels must be buildable."""
        for name in self.settings.channels.keys() - self.lineup.broken().keys():
            self.lineup.channel(name)
        for item in planned:
            if isinstance(item, Stopped):
                sums.stopped(item)
            else:
                sums.rehearsed(item)
        return summary(None, now, sums, exit_code(sums, unknown=0))

    def _planned(
        self,
        wish: Wish,
        bad: BadRows | None = None,
        roster: Path | None = None,
        daily: Daily | None = None,
    ) -> Iterator[Planned | Stopped]:
        """Plan a wish for the people of the roster; what cannot be planned is told and does not stop the rest."""
        if not (wish.due or (daily and daily.waits)):
            return
        found = self._roster(roster)
        if not found.columns:
            return
        due, stopped = fit_for(wish.due, found.columns)
        yield from stopped
        yield from (Stopped("", f"{name}: {why}") for name, why in self.lineup.broken().items())
        people = _usable(found, bad)
        if daily is not None:
            people = daily.over(people, found.columns)
        yield from self.planner.plan(replace(wish, due=due, columns=found.columns), people)
        yield from self.forecasts.strangers()

    def _roster(self, file: Path | None = None) -> audience.People:
        return audience.read(self.settings, file, cast("audience.Hook", self.plugins.hook))

    def member(self, identity: str) -> Person:
        """Somebody of the roster.

        Raises:
            UsageError: there is nobody with this id.
            AudienceError: the roster cannot be read.
        """
        for person in _usable(self._roster()):
            if person.id == identity:
                return person
        raise UsageError("there is nobody with the id {id!r} in the roster", id=address.mask_text(identity))

    def _reader(self, to: str, given: Mapping[str, str], roster: Path | None) -> Person:
        """The reader behind an address: a person of the roster, or somebody who is known only by it."""
        recognised = address.recognise(to)
        if isinstance(recognised, address.Fault):
            raise UsageError("--to {to}: this is no address ({why})", to=address.mask(to), why=recognised.value)
        kind, found = recognised
        with suppress(EmptyRoster):
            for person in _usable(self._roster(roster)):
                if person.addresses.get(kind) == found:
                    return person
        return audience.stranger(self.ledger.stranger(kind, found), kind, found, given)

    def _refuse_unwritten(self, occasion: str, locale: str) -> None:
        media = self.catalogue.media(occasion)
        written = sorted({found for medium in media for found in self.catalogue.locales(occasion, medium)})
        if not negotiate(locale, written, ""):
            raise UsageError(
                "{occasion} is not written in {locale!r}; there are: {written}",
                occasion=occasion,
                locale=locale,
                written=", ".join(written),
            )

    def _refuse_moved_clock(self, channel: str | None) -> None:
        names = None if channel is None else [channel]
        if self.clock.shift and os.environ.get(ALLOW_NOW) != "1" and self.lineup.reaches_people(names):
            raise UsageError(
                "--now is for rehearsals, and a channel here reaches people; nothing was sent. Use a project whose "
                "channels are outbox or console (or set {variable}=1 if you really mean it)",
                variable=ALLOW_NOW,
            )

    def _sender(self, drafting: Drafting | None = None) -> Sender:
        patience = {
            name: Patience(channel.reconcile.first, channel.reconcile.confirm)
            for name, channel in self.settings.channels.items()
        }
        return Sender(
            self.ledger, self.lineup, patience, self.clock, judge=self._still_due, settled=self._tell, stop=self.stop,
            patience=self.settings.patience, between=drafting.settle if drafting else lambda _sums: (),
            replies_stop=self.settings.replies_stop,
        )  # fmt: skip

    def _still_due(self, delivery: Delivery) -> Verdict:
        """Is this hour right for a delivery that was promised earlier?"""
        if self.gate.stops(delivery.channel, delivery.occasion, delivery.locale, delivery.wording):
            return Hold(self.clock.now() + DOUBTED, "approved-text")
        if delivery.asked and delivery.by_moment:
            with suppress(NotigateError):
                now = self.clock.now()
                return at_own_hour(self.catalogue.occasion(delivery.occasion), now, delivery.expires_at, now)
        if delivery.asked:
            return Go()
        if objection := self._weather_changed(delivery):
            return objection
        # Thousands ask in the same second about the same occasion.
        now, let_go = self.clock.now().replace(microsecond=0), delivery.detail == approvals.APPROVED
        return self._hours(delivery.occasion, delivery.day, now, delivery.timezone, let_go)

    def _weather_changed(self, delivery: Delivery) -> Verdict | None:
        with suppress(NotigateError):
            return self.forecasts.verdict(self.catalogue.occasion(delivery.occasion), delivery)
        return None

    @cached_property
    def _hours(self) -> Callable[[str, date, datetime, str, bool], Verdict]:
        @lru_cache(maxsize=256)
        def verdict(name: str, day: date, now: datetime, zone: str, let_go: bool) -> Verdict:  # noqa: FBT001 - part of the cache's key
            try:
                occasion = self.catalogue.occasion(name)
            except NotigateError:
                return Go()
            if let_go and occasion.late == "ask":
                occasion = replace(occasion, late="next-window")
            return at_hour(occasion, self.settings.policy, day, now.astimezone(ZoneInfo(zone)) if zone else now)

        return verdict

    def _refusal(self, channel: str, message: Message) -> Outcome | None:
        """What the channel is known to refuse; a channel that lacks its secrets can only be planned for."""
        with suppress(NotigateError):
            return self.lineup.channel(channel).refusal(message)
        return None

    @cached_property
    def _tell(self) -> Callable[[Delivery], None]:
        """The hook `notigate_settled`; what it raises is the plugin's own trouble."""
        hook = self.plugins.hook.notigate_settled
        if not hook.get_hookimpls():
            return lambda _delivery: None

        def tell(delivery: Delivery) -> None:
            try:
                hook(delivery=delivery)
            except Exception:
                log.exception("a plugin failed in notigate_settled", extra={"delivery": delivery.id})

        return tell

    def _times(self) -> Times:
        return Times(self.clock.now(), self.clock.real())


def _usable(found: audience.People, bad: BadRows | None = None) -> Iterator[Person]:
    """People, one by one; rows that cannot be used are put aside in `bad`."""
    if bad is not None:
        bad.source = found
    for item in found:
        if isinstance(item, Person):
            yield item
        elif bad is not None:
            bad.append(item)


def _local(now: datetime | time, loaded: Settings) -> datetime:
    if isinstance(now, time):
        now = datetime.combine(real_now().astimezone(loaded.timezone), now)
    return now if now.tzinfo else now.replace(tzinfo=loaded.timezone)
