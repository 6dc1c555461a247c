"""What a batch holds, summed up and signed for; and what the files looked like that it was drafted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.approvals import Batch, Stage, Word
from notigate.approvals.sealing import Terms, seal
from notigate.edges import login
from notigate.ledger import batches
from notigate.ledger.batch import Seal
from notigate.ledger.changes import Times
from notigate.policy.hours import last_moment, opening

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger
    from notigate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Seals:
    """Seals the batches of one project."""

    ledger: Ledger
    catalogue: Catalogue
    settings: Settings
    clock: Clock

    def put(self, batch: Batch, because: str) -> Batch:
        """Sum up what a batch holds now. What was signed before stays signed; anything else waits."""
        sealed = self.of(batch)
        standing = batches.named(self.ledger, batch.name) or batch
        if sealed.digest == standing.digest:
            return standing
        signed = batches.signed(batches.said(self.ledger, batch.id), sealed.digest)
        state = Stage.APPROVED if signed else Stage.WAITING
        word = Word.CHANGED if because else Word.DRAFTED
        times = Times(self.clock.now(), self.clock.real())
        with self.ledger.write() as tx:
            batches.seal(tx, batch, sealed, state, times.now)
            batches.say(tx, batch, word, times, who=sealed.author, login=login(), digest=sealed.digest, because=because)
        return batches.named(self.ledger, batch.name) or batch

    def of(self, batch: Batch) -> Seal:
        """What it holds now, without writing it down."""
        sealed = seal(batches.members(self.ledger, batch.id), self.terms(batch.occasion, batch.day))
        # Keyed: nobody who reads a digest can try out what it was made of.
        return sealed._replace(digest=self.ledger.digest("batch", sealed.digest).hex())

    def terms(self, name: str, day: date) -> Terms:
        """What is signed besides the messages themselves.

        Raises:
            NotigateError: the occasion is broken.
        """
        occasion, policy, now = self.catalogue.occasion(name), self.settings.policy, self.clock.now()
        channels = self.settings.channels
        return Terms(
            opens=opening(occasion, policy, day, now), closes=last_moment(occasion, policy, day, now),
            author=occasion.author or user(self.settings),
            settings={channel: found.written for channel, found in channels.items()},
            prices=self.settings.prices,
        )  # fmt: skip

    def inputs(self, batch: Batch) -> str:
        """What the files look like that it is drafted from; empty where they do not tell all."""
        roster = self.settings.roster
        file = batch.recipe.roster or (roster.file if roster else None)
        if file is None:
            return ""
        files = [self.settings.file, file, *self.catalogue.files(batch.occasion)]
        hashed = blake2b(digest_size=16)
        for path in sorted(map(str, files)):
            hashed.update(f"{path}\0{_looks(path)}\0".encode())
        return hashed.hexdigest()


def seated(settings: Settings) -> list[str]:
    """The colleagues to whom this account belongs."""
    account = login()
    return [person.name for person in settings.staff if person.facts.get("login") == account]


def user(settings: Settings) -> str:
    """Who runs the program: a colleague, where the account is known to be theirs."""
    return next(iter(seated(settings)), login())


def _looks(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size}"
