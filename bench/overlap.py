"""Many at once: starts that overlap, and single messages beside a long campaign. Everybody gets each message once.

    python bench/overlap.py starts  [--starts 20] [--rounds 20] [--people 100] [--soon 1.0] [--seed 1]
    python bench/overlap.py singles [--callers 8] [--each 25] [--people 2000] [--timeout 10] [--seed 1]

`starts`: each round is a new project; all runs are let go in the same moment, with the interpreter's start and the imports behind
them. One sends (the provider answers it when the others have ended), all others exit with 6. That they do so within a second is
judged by the processor time that each of them took, since they share the machine; and so is a whole process, from start to exit,
beside a run that sends. The times are printed too. `--soon 0` judges no time.

`singles`: callers send single messages while `send --due` runs: the first by the command `send --to`, the others, half of them
processes and half threads of one more, by the Python API. Each call comes back with its outcome, within its time-out. All callers
also send one message of the same key. `--order` plays a wrong order of writing and sending; this must then end with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import forks
import orders
from campaigns import FIRST_PHONE, Campaign, begun, campaign

import notigate
from notigate.errors import ExitCode

#: whole second processes; the fastest counts, what slows the others down is the machine
SECONDS = 2
#: time-outs of calls that are answered only when it suits the harness
PATIENCE = "{connect: 10s, read: 600s, total: 600s}"
#: seconds from a call to its answer
DELAY = (0.02, 0.05)
#: phone numbers of the single messages, beyond those of a campaign
SINGLES = FIRST_PHONE + 1_000_000
#: the number that all callers send to under one key
SHARED = SINGLES - 1


def starts(asked: argparse.Namespace) -> None:
    """Rounds of runs that are let go at once."""
    faults: list[str] = []
    slowest: list[float] = []
    dearest: list[float] = []
    with campaign(asked.people, asked.seed, evidence=not asked.order) as first:
        first.provider.weather(delay=DELAY)
        for number in range(asked.rounds):
            first.provider.forget()
            one = begun(first.folder / str(number), first.provider, asked.people, asked.order, timeout=PATIENCE)
            children = _let_go(one, asked.starts)
            slowest.append(max(child.lived for child in children if child.code != ExitCode.DONE))
            dearest.append(max(child.used for child in children if child.code != ExitCode.DONE))
            faults += _verdict(number, one, Counter(child.code for child in children))
        alone = [_second(first, number) for number in range(SECONDS)]
        took, used = ([each[which] for each in alone] for which in (0, 1))
        print(
            f"{asked.rounds} rounds of {asked.starts} starts at once, {asked.people} people, seed {asked.seed}: slowest loser of a "
            f"round {_spread(slowest)} s, dearest {_spread(dearest)} s of processor; whole second processes {_spread(took)} s, "
            f"{_spread(used)} s of processor"
        )
        if asked.soon:
            faults += [f"losers took {_spread(dearest)} s of processor"] if max(dearest) >= asked.soon else []
            faults += [f"second processes took {_spread(used)} s of processor"] if min(used) >= asked.soon else []
        first.judge(faults)


def _let_go(one: Campaign, count: int) -> list[forks.Child]:
    gate, key = os.pipe()
    children = [one.start(lambda: _wait(gate)) for _ in range(count)]
    one.provider.weather(delay=DELAY, held_after=0)
    opened = time.monotonic()
    os.write(key, b"!" * count)
    for child in children:
        child.started = opened
    waiting = set(range(count))
    while waiting:
        waiting -= {number for number in waiting if children[number].gone(0.002)}
        if len(waiting) <= 1:
            one.provider.weather(delay=DELAY)
    os.close(gate)
    os.close(key)
    return children


def _wait(gate: int) -> None:
    os.read(gate, 1)


def _verdict(number: int, one: Campaign, codes: Counter[int | None]) -> list[str]:
    expected = Counter({ExitCode.DONE.value: 1, ExitCode.LOCKED.value: codes.total() - 1})
    faults = one.verdict().faults(in_flight=0)
    faults += [] if codes == expected else [f"exit codes {dict(codes)}"]
    return [f"round {number}: {fault}" for fault in faults]


def _second(beside: Campaign, number: int) -> tuple[float, float]:
    """Seconds, and seconds of processor, that a whole process takes to find that another run sends."""
    beside.provider.forget()
    one = begun(beside.folder / f"second-{number}", beside.provider, beside.people, timeout=PATIENCE)
    one.provider.weather(delay=DELAY, held_after=0)
    first = one.start()
    one.provider.wait_for(1)
    command = [sys.executable, "-m", "notigate", "-C", str(one.folder), "send", "--due"]
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    second = subprocess.run(command, capture_output=True, check=False)
    took, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    one.provider.weather(delay=DELAY)
    first.gone(600.0)
    if (first.code, second.returncode) != (ExitCode.DONE, ExitCode.LOCKED):
        raise SystemExit(f"exit codes {first.code} and {second.returncode} beside each other")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def singles(asked: argparse.Namespace) -> None:
    """Single messages beside a long campaign."""
    with campaign(asked.people, asked.seed, asked.order, evidence=not asked.order) as one:
        one.provider.weather(delay=DELAY)
        long = one.start()
        long.hears(forks.BEGUN)
        processes, threads = asked.callers // 2, asked.callers - asked.callers // 2
        works = [_command(one.folder, 0, asked.each)]
        works += [_caller(one.folder, [number], asked) for number in range(1, processes)]
        works.append(_caller(one.folder, range(processes, asked.callers), asked))
        logs = [one.folder / f"callers-{number}.log" for number in range(len(works))]
        children = [forks.fork(work, log) for work, log in zip(works, logs, strict=True)]
        codes = [child.code for child in children if child.gone(600.0)]
        overlapped = not long.gone(0.0)
        long.gone(600.0)
        told = [json.loads(line) for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
        faults = _singles_verdict(one, asked, told)
        faults += [] if set(codes) == {0} and len(codes) == len(children) else [f"callers ended with {codes}"]
        faults += [] if long.code == 0 else [f"the campaign ended with {long.code}"]
        print(
            f"{asked.callers} callers ({threads} of them threads of one process), {asked.each} messages each, beside a campaign of "
            f"{asked.people} ({'still running' if overlapped else 'over'} when they were done), seed {asked.seed}: outcome after "
            f"{_spread([line['took'] for line in told])} s"
        )
        one.judge(faults)


def _command(folder: Path, number: int, each: int) -> Callable[[], None]:
    """A caller that uses the command line."""

    def work() -> None:
        for phone, key in _wanted(number, each):
            command = [
                sys.executable,
                "-m",
                "notigate",
                "-C",
                str(folder),
                "send",
                "service/birthday",
                "--to",
                str(phone),
            ]
            started = time.monotonic()
            ran = subprocess.run(
                [*command, "-p", "name=王芳", "--json", *(["--key", key] if key else [])],
                capture_output=True,
                check=False,
            )
            _tell(phone, json.loads(ran.stdout)["counts"], time.monotonic() - started)

    return work


def _caller(folder: Path, numbers: Sequence[int], asked: argparse.Namespace) -> Callable[[], None]:
    """Callers that use the Python API, each in a thread."""

    def work() -> None:
        with notigate.open(folder) as gateway:
            threads = [threading.Thread(target=_send, args=(gateway, number, asked)) for number in numbers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    return work


def _send(gateway: notigate.gateway.Gateway, number: int, asked: argparse.Namespace) -> None:
    for phone, key in _wanted(number, asked.each):
        started = time.monotonic()
        run = gateway.send("service/birthday", to=str(phone), params={"name": "王芳"}, key=key, timeout=asked.timeout)
        _tell(phone, {str(state): n for state, n in run.counts.items()}, time.monotonic() - started)


def _tell(phone: int, counts: Mapping[str, int], took: float) -> None:
    print(json.dumps({"phone": phone, "counts": counts, "took": took}) + "\n", end="", flush=True)


def _wanted(number: int, each: int) -> Iterator[tuple[int, str | None]]:
    """Phone and key of each message of a caller."""
    yield SHARED, "shared"
    yield from ((phone, None) for phone in _phones(number, each))


def _phones(number: int, each: int) -> Iterator[int]:
    yield from range(SINGLES + number * each, SINGLES + (number + 1) * each)


def _singles_verdict(one: Campaign, asked: argparse.Namespace, told: Sequence[dict[str, object]]) -> list[str]:
    wanted = Counter(str(phone) for number in range(asked.callers) for phone in _phones(number, asked.each))
    wanted[str(SHARED)] = 1
    got = Counter(taken.phone for taken in one.provider.sent())
    extra = {phone: count for phone, count in got.items() if int(phone) >= SHARED}
    missing = [line for line in told if line["counts"] != {"accepted": 1}]
    faults = one.verdict().faults(in_flight=0)
    faults += [] if extra == wanted else [f"single messages: {(Counter(extra) - wanted) + (wanted - Counter(extra))}"]
    faults += [] if len(told) == asked.callers * (asked.each + 1) else [f"{len(told)} calls came back"]
    return faults + ([f"calls without their outcome: {missing[:3]}"] if missing else [])


def _spread(values: Sequence[float]) -> str:
    """Median [least-most]."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.2f} [{ordered[0]:.2f}-{ordered[-1]:.2f}]"


def main() -> None:
    """Exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    forms = parser.add_subparsers(required=True)
    at_once = forms.add_parser("starts")
    at_once.set_defaults(form=starts, people=100)
    at_once.add_argument("--starts", type=int, default=20)
    at_once.add_argument("--rounds", type=int, default=20)
    beside = forms.add_parser("singles")
    beside.set_defaults(form=singles, people=2000)
    beside.add_argument("--callers", type=int, default=8)
    beside.add_argument("--each", type=int, default=25)
    beside.add_argument("--timeout", type=float, default=10.0)
    at_once.add_argument("--soon", type=float, default=1.0)
    for form in (at_once, beside):
        form.add_argument("--people", type=int)
        form.add_argument("--seed", type=int, default=1)
        form.add_argument("--order", choices=["", *orders.WRONG], default="")
    asked = parser.parse_args()
    asked.form(asked)


if __name__ == "__main__":
    main()
