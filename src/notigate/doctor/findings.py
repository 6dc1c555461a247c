"""One line of the doctor's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from notigate.errors import NotigateError
from notigate.language import translate

Status: TypeAlias = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `notigate doctor`."""

    #: what was looked at: `settings`, `channel sms` …
    check: str
    status: Status
    #: what was seen
    detail: str
    #: what to do about it; empty when all is well
    advice: str = ""


def faults(check: str, fault: NotigateError, advice: str = "") -> Iterator[Finding]:
    """A finding for each line of a fault of ours."""
    for line in translate(fault).splitlines():
        yield Finding(check=check, status="fail", detail=line, advice=advice)
