"""A plan as a file: CSV for a spreadsheet, ICS for a calendar, JSON for a program; streamed."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.cli.plan import COLUMNS, as_json_line
from notigate.edges.files import write_parts
from notigate.language import _
from notigate.reports.tables import safe

if TYPE_CHECKING:
    from notigate.cli.plan_sums import Line, PlanSums
    from notigate.cost import Cost
    from notigate.gateway import Gateway
    from notigate.planner import Planned

#: rows turned into text together
TOGETHER = 1000
#: bytes of a line of a calendar (RFC 5545, 3.1)
FOLD = 75
#: how long an entry of a calendar is shown
SHOWN = timedelta(minutes=30)


def write(file: Path, planned: Iterator[Planned], sums: PlanSums, gateway: Gateway) -> None:
    """Write the plan as the file's ending says.

    Raises:
        UsageError: it cannot be written; what stood there is untouched.
    """
    match file.suffix.lower():
        case ".csv":
            parts = _csv(planned, sums)
        case ".json":
            parts = _json(planned, sums)
        case _:
            parts = _ics(planned, sums, gateway)
    write_parts(file, (part.encode() for part in parts))


def _csv(planned: Iterable[Planned], sums: PlanSums) -> Iterator[str]:
    """With a BOM, so that Excel reads Chinese."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*COLUMNS, "cost", "currency"])
    for number, item in enumerate(planned, 1):
        cells = [*as_json_line(item).values(), *_money(sums.cost(item))]
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
        if number % TOGETHER == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _json(planned: Iterable[Planned], sums: PlanSums) -> Iterator[str]:
    """One document: the span, a line for each message, then what each occasion and all of it come to."""
    last = sums.first + timedelta(days=sums.length - 1)
    yield f'{{"from": "{sums.first}", "to": "{last}", "lines": ['
    for number, item in enumerate(planned):
        amount, currency = _money(sums.cost(item))
        line = as_json_line(item) | {"cost": amount, "currency": currency}
        yield (",\n" if number else "\n") + json.dumps(line, ensure_ascii=False)
    told = {name: _counts(line) for name, line in sorted(sums.occasions.items())}
    rest = json.dumps({"occasions": told, "total": _counts(sums.total)}, ensure_ascii=False)
    yield f"],\n{rest[1:]}\n"


def _money(cost: Cost | None) -> tuple[str | None, str | None]:
    return (str(cost.amount), cost.currency) if cost else (None, None)


def _counts(line: Line) -> dict[str, object]:
    return {
        "messages": line.number, "not_sent": line.dropped, "segments": line.parts,
        "cost": {cost.currency: str(cost.amount) for cost in line.costs},
    }  # fmt: skip


def _ics(planned: Iterable[Planned], sums: PlanSums, gateway: Gateway) -> Iterator[str]:
    """One entry for all who get the same at the same time; nobody is named, for calendars are shared."""
    for _item in planned:
        pass
    zone, stamp = gateway.settings.timezone, gateway.clock.real()
    name = str(gateway.settings.project.get("name") or "")
    yield _lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//notigate//plan//EN", f"X-WR-CALNAME:{_text(name)}")
    for day, lines in sorted(sums.days.items()):
        same: Counter[tuple[str, str]] = Counter()
        for (at, occasion, how), line in sorted(lines.items()):
            if at:
                title = _("{occasion}: {n}").format(occasion=_title(gateway, occasion), n=line.number)
                same[occasion, how] += 1
                uid = _uid(str(day), occasion, how, str(same[occasion, how]))
                begin = datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)
                yield _event(uid, begin, stamp, occasion, title, _told(line, how))
    yield _lines("END:VCALENDAR")


def _told(line: Line, how: str) -> str:
    parts = _("{parts} SMS parts").format(parts=line.parts) if line.parts else ""
    return "\n".join(told for told in (how, parts, line.money()) if told)


def _uid(*told: str) -> str:
    """The same entry has the same name in the next plan: a calendar then moves it, and does not show it twice."""
    return blake2b("\0".join(told).encode(), digest_size=12).hexdigest()


def _event(  # noqa: PLR0913, PLR0917 - all that stands in an entry
    uid: str, begin: datetime, stamp: datetime, occasion: str, title: str, told: str
) -> str:
    return _lines(
        "BEGIN:VEVENT", f"UID:{uid}@notigate", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}", f"DTSTART:{begin:%Y%m%dT%H%M%SZ}",
        f"DTEND:{begin + SHOWN:%Y%m%dT%H%M%SZ}", f"SUMMARY:{_text(title)}", f"DESCRIPTION:{_text(told)}",
        f"CATEGORIES:{_text(occasion)}", "END:VEVENT",
    )  # fmt: skip


def _title(gateway: Gateway, occasion: str) -> str:
    return gateway.catalogue.occasion(occasion).title


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(character for character in escaped if character >= " ")


def _lines(*lines: str) -> str:
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _folded(line: str) -> list[str]:
    """A long line in pieces; no character is cut apart."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > FOLD:
            pieces.append(piece)
            piece = " "
        piece += character
    return [*pieces, piece]
