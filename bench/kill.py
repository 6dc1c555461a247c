"""Kill a campaign at random moments, again and again, and let the provider count: nobody lost, nobody twice.

    python bench/kill.py [--people 10000] [--kills 1000] [--concurrency 8] [--batch 1] [--seed 1]
                         [--signal KILL|TERM|INT] [--order send-then-record|never-unknown|recorded-before-sent]

All kills but one in thirty come at a random moment after sending has begun, that one at any moment. With TERM and INT, what must
hold too: no outcome is left unknown, the run ends by itself with 143 or 130, and the same command goes on. `--order` plays a
wrong order of writing and sending; this must then end with 1, as it does whenever a promise was broken.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import time
from dataclasses import dataclass, field

import forks
import orders
from campaigns import Campaign, campaign, ended

#: seconds from a call to its answer
DELAY = (0.02, 0.05)
#: seconds until the provider has carried out a call, at most
INGEST = 0.03
#: share of the signals that must come while messages are being sent; one of so many comes at any moment
MOSTLY, ANY_MOMENT = 0.9, 30
#: seconds after which a run hangs that was asked to end; how long it takes is printed
HANGS = 300.0
#: exit codes of a run that was asked to end, or was just done
ENDS = {signal.SIGTERM: (143, 0, 1, 4), signal.SIGINT: (130, 0, 1, 4)}


@dataclass(slots=True)
class Kills:
    """What was done to a campaign."""

    made: int = 0
    #: those that came while messages were being sent
    in_sending: int = 0
    #: seconds from a signal to the end
    ends: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Killer:
    """Sends a signal to run after run of one campaign."""

    campaign: Campaign
    number: signal.Signals
    dice: random.Random
    #: messages a second while nobody is killed
    rate: float

    def kill(self, kills: int) -> Kills:
        """Kill up to `kills` runs; fewer when the campaign is over before."""
        done = Kills()
        while done.made < kills:
            child = self.campaign.start()
            if self._ended(child, self._moment(kills - done.made), at_any=done.made % ANY_MOMENT == ANY_MOMENT - 1):
                if child.code == 0:
                    break
                continue
            self._hit(child, done)
        return done

    def _moment(self, left: int) -> float:
        """Seconds of sending until the signal, such that the messages last for the signals."""
        messages = self.campaign.people - self.campaign.provider.count()
        return self.dice.uniform(0, 2 * max(messages, 1) / left / self.rate)

    def _ended(self, child: forks.Child, moment: float, *, at_any: bool) -> bool:
        if at_any:
            return child.gone(self.dice.uniform(0, 0.3))
        child.hears(forks.BEGUN)
        return child.gone(moment)

    def _hit(self, child: forks.Child, done: Kills) -> None:
        started = time.monotonic()
        child.signal(self.number)
        child.gone(0.0)
        done.made += 1
        done.in_sending += child.sending
        if not child.gone(HANGS):
            done.faults.append(f"did not end within {HANGS} s")
            child.kill()
        done.ends.append(time.monotonic() - started)
        if self.number is not signal.SIGKILL:
            done.faults += self._gentle(child)

    def _gentle(self, child: forks.Child) -> list[str]:
        faults = [] if child.code in ENDS[self.number] else [f"exit code {child.code}"]
        doubt = self.campaign.ask("SELECT count(*) FROM delivery WHERE state IN ('claimed', 'sending', 'unknown')")[0][
            0
        ]
        return [*faults, f"{doubt} left in doubt"] if doubt else faults


def play(asked: argparse.Namespace, one: Campaign) -> list[str]:
    """Kill, let it come to its end, print the figures; the broken promises."""
    one.provider.weather(delay=DELAY, ingest=INGEST)
    in_flight = asked.batch * asked.concurrency
    killer = Killer(
        campaign=one,
        number=signal.Signals[f"SIG{asked.signal}"],
        dice=random.Random(asked.seed),
        rate=in_flight / (statistics.mean(DELAY) + INGEST / 2),
    )
    started = time.monotonic()
    done = killer.kill(asked.kills)
    codes = one.finish()
    verdict = one.verdict()
    print(
        f"{asked.signal} {asked.order}, seed {asked.seed}, {asked.concurrency} calls of {asked.batch}: {done.made} kills, "
        f"{done.in_sending} of them while sending, longest end {max(done.ends, default=0):.2f} s; {verdict}; last exit codes "
        f"{codes}; {time.monotonic() - started:.0f} s"
    )
    if done.in_sending < MOSTLY * done.made or done.made < MOSTLY * asked.kills:
        done.faults.append("too few kills, or too few while messages were being sent")
    return [*done.faults, *verdict.faults(in_flight=in_flight), *ended(codes)]


def main() -> None:
    """Exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signal", choices=["KILL", "TERM", "INT"], default="KILL")
    parser.add_argument("--order", choices=["", *orders.WRONG], default="")
    asked = parser.parse_args()
    size = {"batch": asked.batch, "concurrency": asked.concurrency}
    with campaign(asked.people, asked.seed, asked.order, evidence=not asked.order, **size) as one:
        one.judge(play(asked, one))


if __name__ == "__main__":
    main()
