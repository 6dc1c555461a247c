"""Would readers, carriers and providers take these texts? Asked before a single one goes out, and of nobody.

An occasion is looked at as it is written (`names`, `sms`), and as readers would get it (`rendered`): its sample and
people whose records are awkward, in every language and medium. A `Remark` is an error where a message would be refused
or be wrong, a warning where a person should look.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from notigate.errors import NotigateError, TemplateError
from notigate.lint import names, rendered, sms
from notigate.lint.remarks import Remark, of_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from notigate.catalogue import Catalogue
    from notigate.render import Context, Text

__all__ = ["Remark", "lint"]


def lint(catalogue: Catalogue, occasions: Iterable[str], context: Context, signature: str = "") -> Iterator[Remark]:
    """Look at occasions, one after the other.

    Args:
        catalogue: of the project.
        occasions: their names.
        context: what all texts may speak of; `today` is the day they are rendered for.
        signature: what the provider of SMS sets in front; it is counted.

    Raises:
        UsageError: there is no such occasion.
    """
    for name in occasions:
        yield from sorted(set(_occasion(catalogue, name, context, signature)), key=_position)


def _position(remark: Remark) -> tuple[str, int, str]:
    return remark.file, remark.line, str(remark)


def _occasion(catalogue: Catalogue, name: str, context: Context, signature: str) -> Iterator[Remark]:
    faults = catalogue.faults(name)
    yield from (of_fault(name, one) for fault in faults for one in (getattr(fault, "faults", ()) or (fault,)))
    try:
        occasion, texts = catalogue.occasion(name), list(_texts(catalogue, name))
        told = list(rendered.remarks(occasion, texts, context, signature))
    except NotigateError as fault:
        if not faults:
            yield of_fault(name, fault)
        return
    yield from told
    missing = {remark.fields["missing"] for remark in told if "missing" in remark.fields}
    yield from (one for one in names.remarks(catalogue, name, texts) if one.fields.get("name") not in missing)
    for text in texts:
        if text.medium == "sms":
            yield from sms.remarks(occasion, text)


def _texts(catalogue: Catalogue, name: str) -> Iterator[Text]:
    """Those that can be read."""
    for medium in catalogue.media(name):
        for locale in catalogue.locales(name, medium):
            with suppress(TemplateError):
                yield catalogue.text(name, medium, locale)
