"""Draws `terminal.png`: what a person sees who types these commands. Needs a monospaced font with Chinese (fonts-noto-cjk).

python docs/pictures/terminal.py
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

import resvg_py

NOW = "2026-11-21T10:05"
COMMANDS = (
    "plan --days 1",
    "why C0978 service/birthday",
    "send --due",
    "report week",
)
FAMILY = "Noto Sans Mono CJK SC"
COLUMNS, CELL, LINE, MARGIN = 104, 9, 22, 24
STYLE = re.compile(r"\x1b\[([0-9;]*)m")
OTHER = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\r")


def shown(folder: Path, command: str) -> Iterator[str]:
    """The lines on a terminal; talk and progress are left out."""
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (50, COLUMNS))
    words = [sys.executable, "-m", "notigate", "--now", NOW, "-C", "demo", *command.split()]
    environment = os.environ | {"NOTIGATE_LANG": "en", "TERM": "xterm", "COLUMNS": str(COLUMNS)}
    with subprocess.Popen(  # noqa: S603 - our own program
        words, cwd=folder, stdin=subprocess.DEVNULL, stdout=inner, stderr=subprocess.DEVNULL, env=environment
    ):
        os.close(inner)
        told = b"".join(iter(lambda: _read(outer), b""))
    os.close(outer)
    yield f"\x1b[1m$ notigate -C demo {command}\x1b[0m"
    yield from OTHER.sub("", told.decode()).rstrip().split("\n")
    yield ""


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


def drawn(lines: list[str]) -> str:
    """The picture, as SVG."""
    width, height = COLUMNS * CELL + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    texts = "".join(
        text for number, line in enumerate(lines) for text in _line(line, MARGIN + (number + 1) * LINE - LINE // 4)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="100%" height="100%" rx="10" fill="#20262e"/>'
        f'<g font-family="{FAMILY}" font-size="{CELL * 2}" fill="#d8dee6">{texts}</g></svg>'
    )


def _line(line: str, y: int) -> Iterator[str]:
    column, style = 0, ""
    parts = STYLE.split(line)
    for number, part in enumerate(parts):
        if number % 2:
            style = part
            continue
        for wide, run in groupby(part, key=_width):
            text = "".join(run)
            if text.strip():
                looks = ' font-weight="bold" fill="#8fc1e3"' if "1" in style.split(";") else ""
                yield f'<text xml:space="preserve" x="{MARGIN + column * CELL}" y="{y}"{looks}>{escape(text)}</text>'
            column += wide * len(text)


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def main() -> None:
    """Make a project, run the commands in it, and draw what they show."""
    with tempfile.TemporaryDirectory() as folder:
        made = [sys.executable, "-m", "notigate", "-q", "--now", NOW, "init", "demo", "--sample"]
        subprocess.run(made, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - as above
        lines = [line for command in COMMANDS for line in shown(Path(folder), command)]
    png = resvg_py.svg_to_bytes(svg_string=drawn(lines[:-1]), zoom=2, font_family=FAMILY)
    Path(__file__).with_suffix(".png").write_bytes(bytes(png))


if __name__ == "__main__":
    main()
