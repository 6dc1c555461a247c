"""What people told us about being written to, by keyed digests: who was erased is still known by what they said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from notigate.ledger.store import NEVER, Ledger, Row, Transaction, from_ms, known, to_ms
from notigate.preferences import Preference, Reach, Recorded, Statement, Who, Word

ANY = "SELECT id FROM preference WHERE taken_back IS NULL LIMIT 1"
STANDING = "SELECT who, word, reach, channel FROM preference WHERE taken_back IS NULL AND who IN {keys}"
#: until when what was said holds against the same said again: for ever while it stands, else until it was taken back
SAID = f"""
SELECT who, word, reach, channel, max(coalesce(taken_back, {NEVER})) FROM preference
 WHERE who IN {{keys}} GROUP BY who, word, reach, channel
"""  # noqa: S608 - a number of ours
INSERT = """
INSERT INTO preference (id, who, word, reach, channel, kind, shown, source, proof, recorder, said)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
COLUMNS = "id, word, reach, channel, kind, shown, source, proof, recorder, said, taken_back"
OF = f"SELECT {COLUMNS} FROM preference WHERE who IN {{keys}} ORDER BY id"  # noqa: S608 - names of ours
ALL = f"SELECT {COLUMNS} FROM preference WHERE taken_back IS NULL OR :past ORDER BY id"  # noqa: S608 - names of ours
TAKE_BACK = "UPDATE preference SET taken_back = ?, taken_by = ? WHERE id = ? AND taken_back IS NULL"
FORGET = "UPDATE preference SET shown = '', proof = '' WHERE who = ?"


def digest(ledger: Ledger, who: Who) -> bytes:
    """What a preference is found by; whatever the case of the letters, for a no must not be missed for it."""
    return ledger.digest("preference", who.kind, who.value.casefold())


def of_readers(ledger: Ledger, readers: Iterable[tuple[str, Iterable[Who]]]) -> dict[str, list[Preference]]:
    """The standing preferences of each reader, who is known by several names; readers without any are left out.

    Nobody's names are looked at while nobody has said anything.
    """
    with ledger.read() as tx:
        if not tx.rows(ANY):
            return {}
        of_whom: dict[bytes, list[str]] = {}
        for reader, names in dict(readers).items():
            for who in names:
                of_whom.setdefault(digest(ledger, who), []).append(reader)
        found = tx.rows_by_key(STANDING, list(of_whom))
    preferences: dict[str, list[Preference]] = {}
    for key, word, reach, channel in found:
        for reader in of_whom[bytes(key)]:
            preferences.setdefault(reader, []).append(Preference(word=Word(word), reach=Reach(reach), channel=channel))
    return preferences


def any_stands(ledger: Ledger) -> bool:
    """Has anybody said anything that stands?"""
    with ledger.read() as tx:
        return bool(tx.rows(ANY))


def record(ledger: Ledger, statements: Sequence[Statement], recorder: str) -> int:
    """Record what is new, all or nothing; returns how many that were.

    What stands already keeps its first proof; what is older than its own taking back is not said again.
    """
    with ledger.write() as tx:
        new = list(_new(ledger, tx, statements))
        ids = tx.new_ids("preference", len(new))
        tx.many(INSERT, [_row(ledger, id_, s, recorder) for id_, s in zip(ids, new, strict=True)])
    return len(new)


def unknown(ledger: Ledger, statements: Sequence[Statement]) -> int:
    """How many of the statements would be new."""
    with ledger.read() as tx:
        return len(list(_new(ledger, tx, statements)))


def take_back(ledger: Ledger, numbers: Sequence[int], recorder: str, at: int) -> None:
    """They stand no more from `at` (milliseconds) on; that they stood is kept."""
    with ledger.write() as tx:
        tx.many(TAKE_BACK, [(at, recorder, number) for number in numbers])


def of(ledger: Ledger, who: Who) -> list[Recorded]:
    """All that was ever recorded under one name."""
    with ledger.read() as tx:
        return [_recorded(tx, row) for row in tx.rows_by_key(OF, [digest(ledger, who)])]


def listed(ledger: Ledger, *, past: bool = False) -> Iterator[Recorded]:
    """What stands, oldest first, streamed; with `past`, also what was taken back."""
    with ledger.read() as tx:
        for row in tx.stream(ALL, past=past):
            yield _recorded(tx, row)


def forget(ledger: Ledger, tx: Transaction, names: Iterable[Who]) -> None:
    """Keep the digests and what was said, and nothing that shows who it was."""
    tx.many(FORGET, [(digest(ledger, who),) for who in names])


def _new(ledger: Ledger, tx: Transaction, statements: Sequence[Statement]) -> Iterator[Statement]:
    """Those that do not stand yet, nor are older than their taking back; of several that say the same, the first."""
    keys = [digest(ledger, statement.who) for statement in statements]
    holds: dict[tuple[bytes, str, str, str], int] = {
        (bytes(key), word, reach, channel): until for key, word, reach, channel, until in tx.rows_by_key(SAID, keys)
    }
    for key, statement in zip(keys, statements, strict=True):
        said = (key, statement.preference.word, statement.preference.reach, statement.preference.channel)
        if to_ms(statement.said) > holds.get(said, 0):
            holds[said] = NEVER
            yield statement


def _row(ledger: Ledger, id_: int, statement: Statement, recorder: str) -> tuple[object, ...]:
    who, preference, proof = statement.who, statement.preference, statement.proof
    return (
        id_, digest(ledger, who), preference.word, preference.reach, preference.channel, who.kind, who.shown, statement.source,
        ledger.kept(proof) if proof else "", recorder, to_ms(statement.said),
    )  # fmt: skip


def _recorded(tx: Transaction, row: Row) -> Recorded:
    number, word, reach, channel, kind, shown, source, proof, recorder, said, taken_back = row
    return Recorded(
        number=number, word=Word(word), reach=Reach(reach), channel=channel, kind=kind, shown=shown, source=source,
        proof=tx.vault.open(proof) if tx.vault else proof, recorder=recorder, said=known(said), taken_back=from_ms(taken_back),
    )  # fmt: skip
