"""What is said about a text, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from notigate.documents import Place

if TYPE_CHECKING:
    from notigate.errors import NotigateError
    from notigate.render import Source

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to look at. Shaped like `NotigateError`, so that it can be translated like one."""

    severity: Severity
    #: names the rule, such as `sms-adjacent`
    rule: str
    occasion: str
    #: as messages show it: `templates/holiday/mid-autumn/zh_Hans.sms.txt`
    file: str
    #: from 1
    line: int
    template: str
    fields: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.template.format_map(self.fields)

    @property
    def where(self) -> str:
        """`FILE:LINE`, as editors and builds understand it."""
        return f"{self.file}:{self.line}"


def at(  # noqa: PLR0913, PLR0917 - all that a remark is made of
    source: Source, position: int, occasion: str, severity: Severity, rule: str, template: str, **fields: object
) -> Remark:
    """A remark on the character at `position` of some words."""
    line = source.line + source.line_of(position) - 1
    return Remark(
        severity=severity, rule=rule, occasion=occasion, file=source.file, line=line, template=template, fields=fields
    )


def name_in(source: Source, name: str) -> int:
    """Where a name stands in some words; their beginning where it does not."""
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source.text)
    return found.start() if found else 0


def of_fault(occasion: str, fault: NotigateError) -> Remark:
    """What makes an occasion unusable."""
    place, template = fault.fields.get("place"), fault.template
    file, line = str(fault.fields.get("file", occasion)), str(fault.fields.get("line", 1))
    if isinstance(place, Place):
        file, line = place.source.name, str(place.line)
        template = f"{'.'.join(place.path)}: {template.removeprefix('{place}: ')}".removeprefix(": ")
    template = re.sub(r"^\{(file|occasion|name)\}(:\{line\})?: ", "", template)
    return Remark(
        severity="error", rule="broken", occasion=occasion, file=file, line=int(line), template=template,
        fields=fault.fields,
    )  # fmt: skip
