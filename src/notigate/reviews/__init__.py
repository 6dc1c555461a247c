"""What the reviewers of providers make of our texts: compared, submitted, and watched before a campaign goes out."""

from __future__ import annotations

from notigate.reviews.compare import Compared, compare
from notigate.reviews.gate import Gate
from notigate.reviews.push import Pushed, Pusher
from notigate.reviews.words import Part, difference

__all__ = ["Compared", "Gate", "Part", "Pushed", "Pusher", "compare", "difference"]
