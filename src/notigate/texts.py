"""One project's texts, before anything is sent: checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.lint import Remark, lint
from notigate.render import Context

if TYPE_CHECKING:
    from datetime import date

    from notigate.catalogue import Catalogue
    from notigate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The occasions of one project as their authors see them."""

    settings: Settings
    catalogue: Catalogue
    #: the business day
    today: Callable[[], date]

    def lint(self, *occasions: str) -> list[Remark]:
        """What is to be said against some occasions and their texts; against all when none is named.

        Raises:
            UsageError: there is no such occasion.
        """
        for name in occasions:
            self.catalogue.home(name)
        context = Context(project=self.settings.project, today=self.today())
        signature = next(iter(self.settings.signatures.values()), "")
        return list(lint(self.catalogue, occasions or self.catalogue.names(), context, signature))
