"""What both stores give to the rooms of the ledger: transactions, statements, and who may dispatch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from notigate.model import Check

if TYPE_CHECKING:
    from notigate.cost import Price
    from notigate.ledger.aside import Aside
    from notigate.ledger.vault import Vault

Row: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Mapping[str, object]


class Into(NamedTuple):
    """Where rows go that come in groups."""

    table: str
    #: unique: who is there already stays
    key: str
    #: columns in which the rows of a group are alike, and those in which they differ
    alike: tuple[str, ...]
    own: tuple[str, ...]


class Group(NamedTuple):
    """Rows that are alike in most columns: what they share is handed over once."""

    alike: Row
    own: Sequence[Row]


class Transaction(ABC):
    """One transaction. Its statements are SQL that both stores understand, with `:name` parameters and some words.

    `{ids}` and `{keys}` after IN stand for many numbers, names or digests;
    `{free}` at the end of a query locks the rows found, and passes over those that others have locked;
    `{locked}` at the end of a query locks the rows found, and waits for those that others have locked;
    `{abandoned}` is true of a delivery whose dispatcher is gone;
    `json_array(…)` is one JSON text of values, absent ones among them.
    """

    #: who claims and sends in this transaction; what is in hand is marked with it. 0: nobody who dispatches
    worker: int = 0
    #: opens what is sealed; None where nothing is
    vault: Vault | None = None
    #: what a part costs now, by channel
    prices: Mapping[str, Price] = MappingProxyType({})

    @abstractmethod
    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Run one statement and return all its rows."""

    @abstractmethod
    def stream(self, sql: str, **parameters: object) -> Iterator[Row]:
        """Run one query and hand out its rows as they come."""

    @abstractmethod
    def rows_of(self, sql: str, ids: Sequence[int] | Sequence[str], **parameters: object) -> list[Row]:
        """As `rows`, with `{ids}` in the statement standing for these numbers or names."""

    @abstractmethod
    def note(self, sql: str, ids: Sequence[int], **parameters: object) -> None:
        """As `rows_of`, where nothing is to be returned: a store that is far away does it with what is asked next."""

    @abstractmethod
    def changed(self, sql: str, ids: Sequence[int], **parameters: object) -> int:
        """Run one statement with `{ids}` that returns nothing; how many rows it wrote."""

    def lock(self, deliveries: Iterable[int]) -> None:  # noqa: B027 - as below
        """Keep others from changing these deliveries meanwhile; nothing to do where only one can write."""

    @abstractmethod
    def rows_by_key(self, sql: str, keys: Sequence[bytes]) -> list[Row]:
        """As `rows`, with `{keys}` in the statement standing for these digests."""

    @abstractmethod
    def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Numbers for new rows, rising, that nobody else gets if this transaction commits."""

    @abstractmethod
    def many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of positional parameters (`?`)."""

    @abstractmethod
    def add(self, into: Into, groups: Sequence[Group]) -> int:
        """Insert rows that are not there already; returns how many those are."""

    def at_end(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        """As `many`, where others wait for the same rows: a store with many writers does it as the last thing."""
        self.many(sql, parameters)

    def one(self, sql: str, **parameters: object) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, **parameters)
        return found[0] if found else None


class Ledger(ABC):
    """An open ledger. Safe for threads; no transaction is begun while another is open in the same thread."""

    #: for people: `SQLite 3.45.1 (WAL), notigate.db`
    name: str
    #: names this ledger for ever
    id: str
    #: where answers are kept that it could not take; None where that would be another machine's business
    aside: Aside | None = None
    #: seals addresses and texts; None where they are kept as they are
    vault: Vault | None = None
    #: what a part costs now, by channel; whoever opens the ledger to send says it
    prices: Mapping[str, Price] = MappingProxyType({})
    _secret: bytes

    @abstractmethod
    def write(self) -> AbstractContextManager[Transaction]:
        """A durable transaction: when the block ends without an exception, its changes survive a crash.

        Raises:
            LedgerError: it could not be committed. Nothing of it happened; or, where the connection to a server broke
                in that moment, it cannot be told: what was to follow must not be done.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view."""

    @abstractmethod
    def dispatching(self) -> AbstractContextManager[None]:
        """Be the dispatcher, or one of them; others are told apart by a lock or a lease that dies with its process.

        Raises:
            LedgerBusy: another run is dispatching, and this store has room for one only.
        """

    def dispatched_elsewhere(self) -> bool:
        """Does anybody but us dispatch now? Never where only one can."""
        return False

    def mark(self, generation: int) -> None:
        """A run has begun: remember outside the ledger how far it is, so that an old copy can be told."""
        del generation

    @abstractmethod
    def scrub(self) -> None:
        """Make sure that what was erased is in none of the store's files any more, as far as the store can tell.

        Raises:
            LedgerError: it could not be done now; what was erased is erased all the same, but traces may be left.
        """

    def check(self) -> Sequence[Check]:
        """For `doctor`: what the settings of its server mean for what is promised; ok with an advice is a warning."""
        return ()

    @abstractmethod
    def close(self) -> None:
        """Close the connections of all threads, but of those that are using theirs now."""

    # Begun once: a digest that is begun with its key for each message takes a fifth longer.
    @cached_property
    def _keyed(self) -> blake2b:
        return blake2b(digest_size=16, key=self._secret)

    @cached_property
    def _plain(self) -> blake2b:
        return self._keyed if self.vault else blake2b(digest_size=16)

    def digest(self, *parts: str) -> bytes:
        """A keyed digest of 16 bytes: the same parts always give the same, and nobody can go back."""
        digest = self._keyed.copy()
        digest.update("\x1f".join(parts).encode())
        return digest.digest()

    def fingerprint(self, text: str) -> bytes:
        """16 bytes that tell one text from another; keyed where texts are sealed, for short ones can be guessed."""
        digest = self._plain.copy()
        digest.update(text.encode())
        return digest.digest()

    def kept(self, text: str) -> str:
        """A text as the ledger keeps it."""
        return text if self.vault is None else self.vault.seal(text)

    def kept_address(self, address: str) -> str:
        """An address as the ledger keeps it; the same is always kept alike."""
        return address if self.vault is None else self.vault.seal_address(address)

    def stranger(self, kind: str, address: str) -> str:
        """The id of a reader who is known by an address alone."""
        return f"to-{self.digest('reader', kind, address).hex()[:16]}"

    def token(self, delivery: int) -> str:
        """An opaque, unguessable name for a delivery, the same for ever: fit for a Message-ID."""
        digest = self._keyed.copy()
        digest.update(b"token\x1f%d" % delivery)  # as `digest` has it
        return f"{delivery}-{digest.hexdigest()}"


#: the `next_at` of what waits for a person, not for a time
NEVER = 253_402_300_799_000


def to_ms(moment: datetime) -> int:
    """An aware time as the ledger keeps it."""
    return round(moment.timestamp() * 1000)


def from_ms(value: int | None) -> datetime | None:
    """A kept time, aware (UTC); None for `NEVER`."""
    return None if value is None or value == NEVER else datetime.fromtimestamp(value / 1000, UTC)


def known(value: int) -> datetime:
    """A kept time that every row of its kind has."""
    return datetime.fromtimestamp(value / 1000, UTC)


def storable(text: str) -> str:
    """A text as every store can keep it: what is no character, as a broken answer may hold, is replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
