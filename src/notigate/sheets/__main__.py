"""Reads one workbook in a process of its own, and writes its rows to standard output, one JSON value a line.

    python -m notigate.sheets [SHEET] < customers.xlsx

Workbooks come from anywhere and are read by native code: what is made to fill memory, or to crash the reader, ends this
process and not the run. The first line is an object: `{"fault": …}`, `{"sheets": {name: its first rows}}` where several could
be meant, or `{"sheet": name, "hidden": n}`; then come the rows, each `[number, [cells]]`. A day is a list of its ISO form.
"""

from __future__ import annotations

import json
import sys
from itertools import islice

from python_calamine import PasswordError

from notigate.sheets.books import Book
from notigate.sheets.guards import Unusable, check, limit

#: rows of each sheet that are shown where several could be meant
SHOWN = 30
#: made once: `json.dumps` makes an encoder for each row
_encode = json.JSONEncoder(default=lambda day: [str(day)]).encode


def chosen(book: Book, wanted: str) -> int | None:
    """The sheet of this name, or the only one that is there to see and not empty; None where several could be meant."""
    if wanted:
        found = next((index for index, name in enumerate(book.names) if name.strip() == wanted.strip()), None)
        if found is None:
            raise Unusable("no such sheet")
        return found
    heads = {index: list(islice(book.sheet(index).rows(), SHOWN)) for index in book.shown}
    filled = [index for index, head in heads.items() if head]
    if len(filled) == 1:
        return filled[0]
    say({"sheets": {book.names[index]: heads[index] for index in filled}})
    return None


def say(value: object) -> None:
    """Write one line."""
    sys.stdout.write(_encode(value) + "\n")


def main(wanted: str) -> None:
    """Read what standard input holds."""
    data = open(0, "rb", closefd=False)  # noqa: SIM115 - it is not ours to close
    names: list[str] = []
    try:
        limit(check(data))
        book = Book(data)
        names = book.names
        index = chosen(book, wanted)
        if index is not None:
            sheet = book.sheet(index)
            say({"sheet": names[index], "hidden": sheet.hidden})
            for row in sheet.rows():
                say(row)
    except Unusable as fault:
        say({"fault": str(fault), "names": names})
    except PasswordError:
        say({"fault": "password"})
    except (MemoryError, SystemExit, BrokenPipeError):
        raise
    except BaseException:  # noqa: BLE001 - a panic of the native reader is one; whatever it was, the file is not usable
        say({"fault": "broken"})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
