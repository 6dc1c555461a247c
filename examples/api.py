"""A customer system that talks to notigate: what to open, what to ask, what comes back.

    python examples/api.py FOLDER

Try it with a project of `notigate init FOLDER --sample`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import notigate


def warn(gateway: notigate.Gateway, phone: str, event: str) -> str:
    """One message to one customer, now. The key makes a repeated call harmless: it is told what came of the first."""
    run = gateway.send("weather/severe-weather", to=phone, params={"event": event}, key=f"{event} of today")
    for problem in run.problems:
        return f"{phone[-4:]}: {problem.state}, {problem.reason} {problem.detail}"
    return f"{phone[-4:]}: {', '.join(run.counts)}"


def send_due(gateway: notigate.Gateway) -> notigate.Run | None:
    """All that is due, as `notigate send --due` does; nothing while another process is at it."""
    try:
        return gateway.send_due(limit=5_000)
    except notigate.LedgerBusy:
        return None


def tell(planned: notigate.Planned | notigate.Stopped) -> str:
    """One line of a plan."""
    if isinstance(planned, notigate.Stopped):
        return f"{planned.occasion} cannot be planned: {planned.fault}"
    match planned.verdict:
        case notigate.Go():
            return f"{planned.draft.person} gets {planned.draft.occasion} by {planned.draft.channel}"
        case notigate.Hold(until, rule):
            return f"{planned.draft.person} waits until {until}: {rule}"
        case notigate.Drop(rule):
            return f"{planned.draft.person} gets no {planned.draft.occasion}: {rule}"


def text(gateway: notigate.Gateway, occasion: str) -> str:
    """What the SMS of an occasion says to its sample reader."""
    for preview in gateway.preview(occasion, locales=["en"]):
        if preview.medium == "sms" and isinstance(preview.content, notigate.Content):
            return preview.content.text
    return ""


def main(folder: Path) -> None:
    """Tell what this project is about, send what is due, and count."""
    with notigate.open(folder) as gateway:
        print(text(gateway, "service/birthday"))
        for planned in gateway.plan(days=2):
            print(tell(planned))
        print(warn(gateway, "13800138000", "暴雨"))
        run = send_due(gateway)
        if run is not None:
            print(f"run {run.id}: {run.counts.get(notigate.State.ACCEPTED, 0)} sent, exit code {run.exit_code}")
        for delivery in gateway.log(state=notigate.State.UNKNOWN):
            print(f"nobody knows whether {delivery.id} went out")
        week: notigate.Figures = gateway.report("week")
        print(f"{week.span.name}: {week.total.accepted} of {week.total.planned} sent")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
