"""A run is asked to end while calls hang: it waits for them as long as it promises, writes down what it does not know, and ends.

    python bench/grace.py [--signal TERM|INT] [--people 40] [--seed 1]

The provider carries some calls out and keeps the next ones waiting. The run must end by itself with 143 or 130, leave those in
flight unknown and the others queued, and the same command must bring everybody's message, once. How long it took is printed.
"""

from __future__ import annotations

import argparse
import signal
import time

from campaigns import HANGS, Campaign, campaign, ended

#: calls that are carried out before the others hang, and calls in flight
DONE, CALLS = 4, 8
#: exit codes
ENDS = {"TERM": 143, "INT": 130}
#: longer than any run waits
PATIENCE = "{connect: 10s, read: 600s, total: 600s}"
STATES = "SELECT state, count(*) FROM delivery GROUP BY state"


def play(asked: argparse.Namespace, one: Campaign) -> list[str]:
    """Let calls hang, ask the run to end, let it come to its end; the broken promises."""
    one.provider.weather(held_after=DONE)
    run = one.start()
    one.provider.wait_for(DONE + CALLS)
    asked_at = time.monotonic()
    run.signal(signal.Signals[f"SIG{asked.signal}"])
    if not run.gone(HANGS):
        run.kill()
    took, states = time.monotonic() - asked_at, dict(one.ask(STATES))
    one.provider.weather()
    codes = one.finish()
    verdict = one.verdict()
    print(
        f"{asked.signal}, seed {asked.seed}: exit {run.code} after {took:.1f} s, {states}; {verdict}; last exit codes {codes}"
    )
    left = {"accepted": DONE, "unknown": CALLS, "queued": asked.people - DONE - CALLS}
    faults = [] if run.code == ENDS[asked.signal] else [f"exit {run.code}"]
    faults += [] if states == left else [f"left {states}"]
    return [*faults, *verdict.faults(in_flight=CALLS), *ended(codes)]


def main() -> None:
    """Exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signal", choices=ENDS, default="TERM")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with campaign(asked.people, asked.seed, concurrency=CALLS, timeout=PATIENCE) as one:
        one.judge(play(asked, one))


if __name__ == "__main__":
    main()
