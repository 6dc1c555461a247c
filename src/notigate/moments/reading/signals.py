"""Read the rules that no calendar brings about: the weather, an approval, a person's word."""

from __future__ import annotations

from notigate.moments.reading.tables import Rules, alone, table
from notigate.moments.signals import Approval, Manual
from notigate.moments.skies import weather

RULES: Rules = table(("weather", weather), ("approval", alone(Approval())), ("manual", alone(Manual())))
