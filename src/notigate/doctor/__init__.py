"""Is this installation ready to send? All that can be asked without sending, and what to do about the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from notigate.doctor import days, people, providers, routine, store
from notigate.doctor.findings import Finding, faults
from notigate.doctor.weather import weather
from notigate.errors import NotigateError
from notigate.language import _

if TYPE_CHECKING:
    from notigate.gateway import Gateway

__all__ = ["Finding", "examine"]


def examine(open_project: Callable[[], Gateway], *, offline: bool = False) -> Iterator[Finding]:
    """Look at everything, one finding after the other; `offline` asks no provider."""
    try:
        gateway = open_project()
    except NotigateError as fault:
        yield from faults("settings", fault, _("mend the file named here"))
        return
    with gateway:
        yield Finding(check="settings", status="ok", detail=str(gateway.settings.file))
        yield from providers.plugins(gateway)
        yield from providers.channels(gateway, offline=offline)
        yield from store.ledger(gateway)
        yield from store.files(gateway)
        yield from days.clock(gateway)
        yield from days.calendar(gateway)
        yield from weather(gateway, offline=offline)
        yield from people.occasions(gateway)
        if not offline:
            yield from providers.approved(gateway)
        yield from people.roster(gateway)
        yield from routine.runs(gateway)
        yield from routine.alarms(gateway)
        yield from routine.cron(gateway)
        yield from routine.fonts()
