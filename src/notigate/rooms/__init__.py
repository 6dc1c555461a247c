"""Puts the rooms together: those of one opened project, each opened when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from notigate.rehearsal import refuse_moved_clock
from notigate.rooms.opened import room
from notigate.rooms.runs import Runs
from notigate.sums import Sums

if TYPE_CHECKING:
    from notigate.alarms import Alarms
    from notigate.consent import Consent
    from notigate.facts import Facts
    from notigate.model import Run
    from notigate.planner import Planned, Stopped
    from notigate.previewing import Previewing
    from notigate.privacy import Privacy
    from notigate.texts import Texts

#: seconds that alarms are waited for
CARRIED = 30.0


class Rooms(Runs):
    """The rooms of one project. What sending one message does not need is imported when its room is opened."""

    @room
    def alarms(self) -> Alarms:
        """What somebody should look after."""
        from notigate.alarms import Alarms  # noqa: PLC0415 - see above

        return Alarms(
            settings=self.settings, almanac=lambda: self.almanac, ledger=lambda: self.ledger, times=self.times,
            catalogue=lambda: self.catalogue, planner=lambda: self.planner, send=self._send_alarms,
            refuse=lambda: refuse_moved_clock(self.clock, self.lineup, None), lineup=lambda: self.lineup,
        )  # fmt: skip

    def _send_alarms(self, planned: Sequence[Planned | Stopped]) -> Run:
        with self.record("alarms") as record:
            return self.sender(without=self.lineup.unusable()).single(planned, Sums(), record, CARRIED)

    @room
    def facts(self) -> Facts:
        """What other systems and clerks have told."""
        from notigate.facts import Facts  # noqa: PLC0415 - see above

        return Facts(self.ledger, self.clock, self.settings.timezone)

    @room
    def consent(self) -> Consent:
        """The register of opt-outs and consents."""
        from notigate.consent import Consent  # noqa: PLC0415 - see above

        return Consent(self.ledger, self.clock.now, self.settings.channels)

    @room
    def texts(self) -> Texts:
        """The texts as their authors see them: listed, checked, compared, submitted."""
        from notigate.texts import Texts  # noqa: PLC0415 - see above

        return Texts(
            settings=self.settings, catalogue=self.catalogue, lineup=self.lineup, ledger=lambda: self.ledger,
            clock=self.clock,
        )  # fmt: skip

    @room
    def previews(self) -> Previewing:
        """The texts as their readers see them."""
        from notigate.previewing import Previewing  # noqa: PLC0415 - see above

        return Previewing(
            settings=self.settings, catalogue=self.catalogue, readership=self.readership, clock=self.clock
        )

    @room
    def privacy(self) -> Privacy:
        """Erasing, forgetting, and who looked."""
        from notigate.privacy import Privacy  # noqa: PLC0415 - see above

        return Privacy(self.ledger, self.lineup, self.times, self.settings.privacy.kept)
