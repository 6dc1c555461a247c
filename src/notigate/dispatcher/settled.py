"""Tells plugins what has come to rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notigate.model import Delivery
    from notigate.plugins import Plugins

log = logging.getLogger("notigate")


def teller(plugins: Plugins) -> Callable[[Iterable[Delivery]], None]:
    """Calls the hook `notigate_settled`; what it raises is the plugin's own trouble."""
    hook = plugins.hook.notigate_settled
    if not hook.get_hookimpls():
        return lambda _deliveries: None

    def tell(deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            try:
                hook(delivery=delivery)
            except Exception:
                log.exception("a plugin failed in notigate_settled", extra={"delivery": delivery.id})

    return tell
