"""Replies that are lost, late, broken, foreign or misdirected, and connections that cannot be trusted.

    python bench/replies.py [--form spoiled|accepted-late|too-hasty|unreached|tls] [--people 5000] [--share 0.15]
                            [--seed 1] [--order send-then-record|never-unknown|recorded-before-sent]

`spoiled`: that share of all calls is carried out, and its reply spoiled in one of the ways of `provider.TROUBLES`, each of which
must be read as unknown, no other call must, no redirect be followed, and after the provider was asked nobody is left out.
`accepted-late`: calls are carried out when nobody waits for them any more, but before they are asked for. `too-hasty` asks
before that and must therefore send twice: it shows what the quiet period is for, and that this harness would notice.
`unreached` and `tls`: nothing can have left, so nothing is unknown, and nothing reaches the provider until it is mended.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orders
import trustme
from campaigns import Campaign, campaign, ended
from provider import TROUBLES

from notigate.errors import ExitCode

#: time-outs that a provider meets easily who is not told otherwise, and time-outs for calls that wait until nobody does
PATIENCE, HASTE = "{connect: 10s, read: 5s, total: 6s}", "{connect: 10s, read: 300ms, total: 500ms}"
HASTY = {"first": "1ms", "confirm": "2ms", "timeout": HASTE}
#: runs in which impatience must have made a call again
MOST_RUNS = 12
#: nobody listens there
CLOSED = 9

STATES = "SELECT state, count(*) FROM delivery GROUP BY state"
UNKNOWN = """
SELECT reference FROM delivery d JOIN attempt a ON a.delivery = d.id AND a.number = d.attempts JOIN call ON call.id = a.call
 WHERE d.state = 'unknown'
"""


def spoiled(one: Campaign, share: float) -> list[str]:
    """Each spoiled reply is unknown, and nothing else is; then all are found."""
    one.provider.weather(delay=(0.0, 0.01), troubles={name: share / len(TROUBLES) for name in TROUBLES})
    code = one.run()
    unknown, troubled = {reference for (reference,) in one.ask(UNKNOWN)}, one.provider.spoiled()
    misread = {troubled.get(reference, "none") for reference in unknown ^ troubled.keys()}
    kinds = sorted(set(troubled.values()))
    print(
        f"first exit {code}; {len(troubled)} of {one.people} replies spoiled in {len(kinds)} ways ({', '.join(kinds)})"
    )
    one.finish()
    faults = [] if code == ExitCode.SOME_UNKNOWN else [f"first exit {code}"]
    faults += [f"misread: {misread}"] if misread else []
    return [*faults, *([f"followed {astray} redirects"] if (astray := one.provider.astray()) else [])]


def accepted_late(one: Campaign, share: float) -> list[str]:
    """Calls that are carried out after their time-out, before the provider is asked for them."""
    del share
    one.provider.weather(held_after=0)
    code = one.run()
    print(f"{len(one.ask(UNKNOWN))} of {one.people} calls were given up before they were carried out")
    faults = [f"{taken} were carried out at once"] if (taken := one.provider.count()) else []
    one.provider.weather()
    return [*faults, *([] if code == ExitCode.SOME_UNKNOWN else [f"first exit {code}"])]


def too_hasty(one: Campaign, share: float) -> list[str]:
    """The same, and nobody has the patience to wait for them."""
    del share
    one.provider.weather(held_after=0)
    for _run in range(MOST_RUNS):
        one.run(patient=False)
    one.provider.weather()
    one.provider.quiet()
    return []


def unreached(one: Campaign, share: float) -> list[str]:
    """Nobody listens, then somebody does."""
    del share
    one.provider.weather()
    _say(one, f"127.0.0.1:{one.provider.port}", f"127.0.0.1:{CLOSED}")
    code = one.run()
    faults = _nothing_left(one, code, ExitCode.SOME_FAILED, {"retry_wait", "queued"})
    _say(one, f"127.0.0.1:{CLOSED}", f"127.0.0.1:{one.provider.port}")
    return faults


def tls(one: Campaign, share: float) -> list[str]:
    """Certificates that cannot be trusted: nothing leaves. A connection that breaks after the request: unknown."""
    del share
    ours, yesterday = trustme.CA(), datetime.now(UTC) - timedelta(days=1)
    ours.cert_pem.write_to_path(bundle := one.folder / "ca.pem")
    os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
    bad = {
        "unknown authority": trustme.CA().issue_cert("localhost"),
        "another host": ours.issue_cert("localhost.example"),
        "expired": ours.issue_cert("localhost", not_before=yesterday - timedelta(days=9), not_after=yesterday),
    }
    faults: list[str] = []
    for name, certificate in bad.items():
        code = _behind(one, certificate)
        faults += [f"{name}: {f}" for f in _nothing_left(one, code, ExitCode.CONFIGURATION, {"held", "queued"})]
    code = _behind(one, ours.issue_cert("localhost"), breaks=True)
    in_doubt, taken = len(one.ask(UNKNOWN)), one.provider.count()
    print(f"broken after the request: exit {code}, {in_doubt} unknown, {taken} taken by the provider")
    faults += [] if code == ExitCode.SOME_UNKNOWN and in_doubt == taken else [f"{in_doubt} unknown of {taken} taken"]
    _behind(one, ours.issue_cert("localhost"))
    return faults


def _behind(one: Campaign, certificate: trustme.LeafCert, *, breaks: bool = False) -> int:
    """A run that meets this certificate; its exit code."""
    certificate.private_key_and_cert_chain_pem.write_to_path(file := one.folder / "server.pem")
    port = one.provider.encrypted(file, breaks=breaks)
    _say(one, r"https?://\S+:\d+", f"https://localhost:{port}")
    return one.run()


def _say(one: Campaign, before: str, after: str) -> None:
    """Change the settings."""
    settings = one.folder / "notigate.yaml"
    settings.write_text(re.sub(before, after, settings.read_text(encoding="utf-8")), encoding="utf-8")


def _nothing_left(one: Campaign, code: int, expected: ExitCode, states: set[str]) -> list[str]:
    standing = dict(one.ask(STATES))
    print(f"exit {code}, {standing}")
    faults = [] if code == expected else [f"exit {code}"]
    faults += [] if standing.keys() <= states else [f"states {standing}"]
    return [*faults, *([f"{sent} reached the provider"] if (sent := one.provider.count()) else [])]


FORMS: dict[str, tuple[Callable[[Campaign, float], list[str]], dict[str, str]]] = {
    "spoiled": (spoiled, {"timeout": PATIENCE}),
    "accepted-late": (accepted_late, {"timeout": HASTE}),
    "too-hasty": (too_hasty, HASTY),
    "unreached": (unreached, {"timeout": PATIENCE}),
    "tls": (tls, {"timeout": PATIENCE}),
}


def main() -> None:
    """Exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=FORMS, default="spoiled")
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--share", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--order", choices=["", *orders.WRONG], default="")
    asked = parser.parse_args()
    play, project = FORMS[asked.form]
    started = time.monotonic()
    evidence = asked.form != "too-hasty" and not asked.order
    with campaign(asked.people, asked.seed, asked.order, evidence=evidence, **project) as one:
        faults = play(one, asked.share)
        codes = one.finish()
        verdict = one.verdict()
        print(f"{asked.form}, seed {asked.seed}: {verdict}; {time.monotonic() - started:.0f} s")
        one.judge([*faults, *verdict.faults(in_flight=0), *ended(codes)])


if __name__ == "__main__":
    main()
