"""The sources of weather: are they set up, and what do they say?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from notigate.doctor.findings import Finding, faults
from notigate.edges import real_now
from notigate.errors import NotigateError
from notigate.forecasts.outlook import heard
from notigate.language import _

if TYPE_CHECKING:
    from notigate.forecasts import Source
    from notigate.gateway import Gateway


def weather(gateway: Gateway, *, offline: bool) -> Iterator[Finding]:
    """Whether somebody tells what occasions ask for; sources are asked, unless `offline`."""
    try:
        forecasts = gateway.forecasts
    except NotigateError as fault:
        yield from faults("weather", fault)
        return
    asked = {kind for one in gateway.catalogue.switched_on()[0] for kind in forecasts.asked(one)}
    for kind in sorted(asked):
        if not forecasts.tells(kind):
            detail = _("no source tells what occasions ask for: {kind}").format(kind=kind)
            advice = _("add one under `weather: sources:`, or send such occasions by hand")
            yield Finding(check="weather", status="warn", detail=detail, advice=advice)
    for source in forecasts.sources:
        check = f"weather {source.name}"
        if lacks := source.missing():
            yield Finding(
                check=check, status="fail", detail=lacks, advice=_("set it in notigate.yaml or the environment")
            )
        elif offline:
            yield Finding(check=check, status="ok", detail=_("it is set up"))
        else:
            yield from _answers(gateway, source, check)


def _answers(gateway: Gateway, source: Source, check: str) -> Iterator[Finding]:
    """Ask a source of each city, until it is silent: what it refuses for one, it refuses for many."""
    found = [line for city in gateway.forecasts.cities.names() for line in heard(gateway.forecasts, source, city)]
    for line in found:
        if line.kind == "silent":
            advice = _("what stands there says who can mend it; until then the next source is asked")
            yield Finding(check=check, status="fail", detail=f"{line.city}: {line.text}", advice=advice)
            return
    fresh = min((line.as_of for line in found if line.as_of), default=None)
    if fresh is None:
        detail = _("its data are too old, or it has none")
        yield Finding(check=check, status="fail", detail=detail, advice=_("see what brings them: notigate weather"))
        return
    age = int((real_now() - fresh).total_seconds() // 60)
    warnings = sum(line.kind == "warning" for line in found)
    detail = _("answers; warnings that stand: {warnings}; minutes since its data were made: {age}").format(
        warnings=warnings, age=age
    )
    yield Finding(check=check, status="ok", detail=detail)
