"""The `privacy:` section: how long what we know of people is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from notigate.model import Category

_CLASSES = frozenset(category.value for category in Category)
_YEAR = timedelta(days=365)
#: complaints two years, so notices, which may be about one
KEEP: Mapping[str, timedelta] = {
    Category.CARE: _YEAR, Category.MARKETING: _YEAR, Category.STAFF: _YEAR, Category.SERVICE: 2 * _YEAR,
    "staff/complaint-deadline": 2 * _YEAR, "staff/complaint-callback": 2 * _YEAR,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """What `notigate purge` forgets."""

    #: class or occasion → how long its messages keep address, text and person; an occasion goes before its class
    keep: Mapping[str, timedelta] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.keep:
            if name not in _CLASSES and "/" not in name:
                raise ValueError(f"keep: {name!r} is neither a class (care, marketing, service, staff) nor an occasion")

    @property
    def kept(self) -> Mapping[str, timedelta]:
        """What is written, over what is usual."""
        return {**KEEP, **self.keep}
