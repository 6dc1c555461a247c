"""The frozen values that the rooms of the house hand to each other.

Times are aware datetimes, days are `datetime.date` in the project's time zone.
"""

from __future__ import annotations

from notigate.model.answers import Attempt, Check, Finding, Outcome, Presence, Reason, Receipt, Reply, Scope, Status
from notigate.model.messages import Attachment, Content, Delivery, Drop, Go, Hold, Message, State, Verdict, shown
from notigate.model.occasions import Category, Facts, Occasion, Person, Window
from notigate.model.runs import Listed, Problem, Run
from notigate.model.secret import Secret

__all__ = [
    "Attachment",
    "Attempt",
    "Category",
    "Check",
    "Content",
    "Delivery",
    "Drop",
    "Facts",
    "Finding",
    "Go",
    "Hold",
    "Listed",
    "Message",
    "Occasion",
    "Outcome",
    "Person",
    "Presence",
    "Problem",
    "Reason",
    "Receipt",
    "Reply",
    "Run",
    "Scope",
    "Secret",
    "State",
    "Status",
    "Verdict",
    "Window",
    "shown",
]
