"""Broken rosters, settings and templates: each is used, or refused in a sentence; never a traceback, never a hang.

    python bench/mutate.py [--inputs 5000] [--seed 1] [--longest 5]

hypothesis takes good files and breaks them: bytes are dropped, doubled, exchanged and replaced by what hurts. An input passes
when all that is raised is a NotigateError, within `--longest` seconds. Exit code 0: all passed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import corpus
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import notigate.settings
from notigate import audience, catalogue
from notigate.catalogue import Catalogue
from notigate.errors import NotigateError
from notigate.settings import Roster

#: what files are broken with
HURTS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\r", b"\n\n", b",,,,", b"\t", b"\x1b[2J", b"{", b"}", b"{{", b"{%",
    b"%}", b"[", b"]", b": ", b"- ", b"&a ", b"*a", b"!!python/object:os.system ", b"<<: ", b"=1+1", b"#REF!", b"1e999",
    b"9" * 400, b"x" * 20_000, "路平".encode("gbk"), "𠀀\u202e".encode(), b"2026-02-30", b"(" * 200, b"a" * 50 + b"!",
    b"|" * 40, b"{{ 9**9**9 }}", b"{{ 'a' * 10**9 }}", b"{% for a in range(10**9) %}x{% endfor %}", b"%s%s%n",
    b"../../etc/passwd", b"\xe9\x87", b"\xa1" * 7,
]  # fmt: skip
SETTINGS = b"""\
project: {name: x, hotline: 400-600-0000, closing: "{name}{hotline}"}
timezone: Asia/Shanghai
locale: zh_Hans
roster: {file: customers.csv, encoding: utf-8, columns: {layout: Schnitt}}
channels:
  trial: {plugin: outbox, folder: outbox, batch: 3, rate: 2.5, timeout: {connect: 3s}}
occasions: {holiday/mid-autumn: {at: "10:00-11:30", channels: [sms]}, service/birthday: {}}
policy: {windows: ["10:00-11:30"], per_person: {day: 1, month: 8}, only: []}
workdays: china
staff:
  - {name: Wang, phone: "13800138000"}
"""

Tried = Callable[[Path], None]


class Hang(BaseException):
    """It took too long."""


@contextmanager
def watched(longest: int) -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(longest)
    try:
        yield
    finally:
        signal.alarm(0)


def roster(path: Path) -> None:
    checkup = audience.checked(Roster(file=path), path.parent)
    for finding in checkup:
        str(finding)
    checkup.notes()


def project(path: Path) -> None:
    loaded = notigate.settings.load(path)
    chosen = Catalogue.open([], locale=loaded.locale, overrides=loaded.occasions)
    chosen.switched_on()


def template(path: Path) -> None:
    """`path` is a file of the occasion `a/b` in the folder `templates` above it."""
    chosen = Catalogue.open([path.parents[2]])
    chosen.faults("a/b")
    chosen.occasion("a/b")


def originals(folder: Path) -> Iterator[tuple[str, Path, Tried]]:
    """Good files, each of its own folder, and how they are used."""
    maker = corpus.Maker(1, folder)
    for index in range(12):
        path, _expected = maker.file(index)
        yield f"roster {path.suffix}", path, roster
    (folder / "notigate.yaml").write_bytes(SETTINGS)
    (folder / "notigate.yaml").chmod(0o600)
    (folder / "customers.csv").write_text("name,phone\nA,13800138000\n")
    yield "settings", folder / "notigate.yaml", project
    home = folder / "templates" / "a" / "b"
    home.mkdir(parents=True)
    source = catalogue.packaged() / "service" / "birthday"
    for file in sorted(source.iterdir()):
        (home / file.name).write_bytes(file.read_bytes())
        yield f"template {file.name}", home / file.name, template


@st.composite
def broken(draw: st.DrawFn, original: bytes) -> bytes:
    """A good file after one to six accidents."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["drop", "double", "hurt", "byte", "cut", "swap"])):
            case "drop":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 50))
            case "hurt":
                data[at : at + draw(st.integers(0, 3))] = draw(st.sampled_from(HURTS))
            case "byte":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at:]
            case _:
                data[at:], data[:at] = bytes(data[:at]), bytes(data[at:])
    return bytes(data)


def tried(  # noqa: PLR0913, PLR0917 - one file, and how it is broken
    name: str, path: Path, use: Tried, inputs: int, chance: int, longest: int, figures: Counter[str]
) -> list[str]:
    """Break one file so many times; returns what went wrong."""
    original, wrong = path.read_bytes(), []

    @seed(chance)
    @settings(
        max_examples=inputs, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(broken(original))
    def once(data: bytes) -> None:
        path.write_bytes(data)
        figures[name.partition(" ")[0]] += 1
        started = time.monotonic()
        try:
            with watched(longest):
                use(path)
            figures["used"] += 1
        except NotigateError as fault:
            str(fault)
            figures["refused"] += 1
        except (Exception, Hang) as fault:  # noqa: BLE001 - what must not happen is what is looked for
            wrong.append(
                f"{name}: {type(fault).__name__}: {fault} after {time.monotonic() - started:.1f} s: {data[:400]!r}"
            )

    once()
    path.write_bytes(original)
    return wrong


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--longest", type=int, default=5, help="seconds that one input may take")
    chosen = options.parse_args()
    figures: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        found = list(originals(Path(folder)))
        each = -(-chosen.inputs // len(found))
        for name, path, use in found:
            wrong += tried(name, path, use, each, chosen.seed, chosen.longest, figures)
    for line in wrong:
        print(line)
    print(f"{dict(figures)}: {len(wrong)} tracebacks or hangs")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
