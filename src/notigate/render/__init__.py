"""Texts: compiled once, rendered for each reader. Pure; the catalogue reads the files, the planner brings the people.

>>> from datetime import date
>>> from notigate.model import Person
>>> text = Text.compile(
...     "sms",
...     "zh_Hans",
...     Source(file="zh_Hans.sms.txt", text="{{ greeting }}，生日快乐！"),
...     params={"greeting": Source(file="occasion.yaml", text="salutation")},
... )
>>> text.render(Person(id="1", name="王芳", title="ms"), Context(project={}, today=date(2026, 11, 21))).text
'王女士，生日快乐！'
"""

from __future__ import annotations

from notigate.render.fault import MISSING, Fault
from notigate.render.length import segments
from notigate.render.pieces import Source
from notigate.render.reader import BUILT_IN, Context
from notigate.render.salutation import salutation
from notigate.render.shared import Shared
from notigate.render.text import Text, digest

__all__ = ["BUILT_IN", "MISSING", "Context", "Fault", "Shared", "Source", "Text", "digest", "salutation", "segments"]
