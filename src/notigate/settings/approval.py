"""The `approval:` section: who may let go what needs an approval."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from notigate.errors import NotApproved


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who may approve. Names are those given by `approve --by`, or of the machine's users."""

    #: somebody else than the author of a batch lets it go
    four_eyes: bool = False
    #: who may approve; left out: everyone who can run the command
    approvers: tuple[str, ...] = ()

    def check(self, batch: str, author: str, who: str, seated: Collection[str]) -> None:
        """May `who` approve this batch? `seated` are the names of those whose account says so.

        Raises:
            NotApproved: no; says who may.
        """
        if self.approvers and who not in self.approvers:
            raise NotApproved(
                "{who} is no approver; these are: {approvers}. Nothing was approved",
                who=who,
                approvers=", ".join(self.approvers),
            )
        if self.four_eyes and (author == who or author in seated):
            raise NotApproved(
                "{author} is the author of {batch} and may not approve it alone: somebody else must. Nothing was approved",
                author=author,
                batch=batch,
            )
