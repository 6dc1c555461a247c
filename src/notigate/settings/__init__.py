"""`notigate.yaml` → frozen settings; every fault at once, with file, line and column.

Nothing here needs a credential: what a channel's plugin asks for is bound when the channel is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

from notigate import documents
from notigate.calendar import Almanac, Workdays
from notigate.cost import Price
from notigate.documents import Node, bound, gathered
from notigate.documents.schema import Shape
from notigate.errors import ConfigError, NotigateError
from notigate.language import OURS, parse_locale
from notigate.model import Facts, Person, Secret
from notigate.policy import Policy
from notigate.preferences import Reach
from notigate.settings.alarms import AlarmSettings, refuse_strangers
from notigate.settings.approval import Approval
from notigate.settings.channels import COMMON, ChannelSettings, Reconcile, Timeout, channel
from notigate.settings.codes import codes, with_codes
from notigate.settings.databases import ledger
from notigate.settings.finding import find
from notigate.settings.logs import LogSettings
from notigate.settings.people import COLLEAGUE, astray, staff
from notigate.settings.privacy import PrivacySettings
from notigate.settings.reports import ReportSettings
from notigate.settings.rosters import Roster, Sql, roster
from notigate.settings.rules import RULES, patience, policy, replies_stop
from notigate.settings.weather import Weather
from notigate.settings.workdays import TAKEN, WORKDAYS, days_in, named_file, workdays

__all__ = ["ChannelSettings", "Reconcile", "Roster", "Settings", "Sql", "Timeout", "Workdays", "find", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Project:
    """What every project says of itself; texts may use these and any other key."""

    #: stands in every text; a customer of another project (column `project`) reads that one's name
    name: str
    #: the number to call; the texts that come with notigate need it
    hotline: str = ""
    #: where the weather is asked for
    city: str = ""
    #: the last line of a mail, with keys of this section and the customer's `{consultant}`, `{consultant_phone}`
    closing: str = "【{name}】{hotline}"


_PROJECT = tuple(key.name for key in fields(_Project))


def _project(node: Node) -> Facts:
    own = bound(node.only(_PROJECT), _Project)
    return {**bound(node.without(_PROJECT), dict[str, object]), **{key: getattr(own, key) for key in _PROJECT}}


def _locale(node: Node) -> str:
    locale = bound(node, str).replace("-", "_")
    try:
        # For our own, Babel's data, which are large, need not be looked into.
        return locale if locale in OURS else str(parse_locale(locale))
    except NotigateError as fault:
        raise node.place.fault("{why}", why=fault) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The keys of `notigate.yaml`."""

    #: `name`, `hotline`, `city`, `closing` and what else the user wrote there
    project: Annotated[Facts, _project, Shape(_Project, open=True)]
    #: of days, hours and weeks
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    #: Babel id such as `zh_Hant` or `en`: the language of readers who ask for no other
    locale: Annotated[str, _locale, Shape(str)] = "zh_Hans"
    #: `sqlite:///notigate.db` (its default) or `postgresql://…`; may hold a password
    ledger: Annotated[str, ledger, Shape(str)] = field(default="", repr=False)
    #: 32 random bytes in hexadecimal or base64, with which addresses and texts in the ledger are sealed
    ledger_key: Secret | None = None
    #: the key that `ledger_key` was until now, while it is being changed: it opens, and seals nothing more
    ledger_key_before: Secret | None = None
    #: where the people are read from
    roster: Annotated[Roster, roster, Shape(Roster, open=True)] | None = None
    #: by names of your own
    channels: Mapping[str, Annotated[ChannelSettings, channel, Shape(COMMON, open=True)]] = field(default_factory=dict)
    #: occasions switched on, each with the keys that differ
    occasions: Mapping[str, Node] = field(default_factory=dict)
    #: hours, caps and the trial list
    policy: Annotated[Policy, policy, Shape(RULES)] = field(default_factory=Policy)
    #: who may let go what needs an approval
    approval: Approval = field(default_factory=Approval)
    #: how long what we know of people is kept
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    #: `china`, `every-day`, or a file
    workdays: Annotated[Workdays, workdays, Shape(WORKDAYS)] = field(default_factory=Workdays)
    #: sources of weather, and where the cities are
    weather: Weather = field(default_factory=Weather)
    #: names of installed plugins, and `.py` files relative to the folder
    plugins: tuple[str, ...] = ()
    #: what becomes of an SMS whose words are not those that its provider approved: stopped, told and sent, or not looked at
    approved_text: Literal["strict", "warn", "off"] = "strict"
    #: whom alarms are told, and when something is one
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    #: what programs read of our runs
    log: LogSettings = field(default_factory=LogSettings)
    #: where the page of a report that goes to managers is laid down, and how they find it
    reports: ReportSettings | None = None
    #: our own people
    staff: Annotated[tuple[Person, ...], staff, Shape(tuple[COLLEAGUE, ...])] = ()


#: what `notigate.yaml` is bound to
WRITTEN = _Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(_Written):
    """One project: what its `notigate.yaml` says, checked."""

    #: `notigate.yaml` itself
    file: Path
    #: seconds that a run waits for messages that a provider asked to send again later
    patience: float
    #: what a reader's answer to be left alone stops
    replies_stop: Reach
    #: the State Council's notices that were taken over into `workdays.yaml`
    notices: Workdays
    #: the file that `workdays:` names
    workdays_file: Path | None
    #: heads under `staff:` who are not there, or are in the end their own
    astray: tuple[ConfigError, ...]
    #: what YAML would allow under `occasions:` and we refuse, such as a name that stands there twice
    refused: Mapping[str, ConfigError]

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.file.parent

    @property
    def groups(self) -> frozenset[str]:
        """Of our own people."""
        return frozenset(
            str(group) for person in self.staff for group in cast("tuple[str, ...]", person.facts["groups"])
        )

    @property
    def named_plugins(self) -> tuple[str, ...]:
        """The plugins that it names, of channels, of sources of weather, and by themselves."""
        channels = (channel.plugin for channel in self.channels.values())
        return (*channels, *(source.plugin for source in self.weather.sources), *self.plugins)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature that a channel's provider sets in front of an SMS, by channel."""
        return {name: found.signature for name, found in self.channels.items() if found.signature}

    @property
    def prices(self) -> Mapping[str, Price]:
        """What one part of an SMS (elsewhere: one message) costs, by channel; those that say it."""
        return {name: found.price for name, found in self.channels.items() if found.price is not None}

    @property
    def calendar_file(self) -> Path:
        """Where notices of the State Council are taken over to."""
        return self.workdays_file or self.folder / TAKEN

    def almanac(self, offered: Mapping[date, bool] | None = None) -> Almanac:
        """The project's calendar. `offered` are the days that plugins tell; the project's own go before them."""
        own = self.workdays
        return Almanac(
            workdays=own.rule, days={**(offered or {}), **own.days}, years=own.years, notices=self.notices,
            may_assume=own.may_assume, zone=self.timezone,
        )  # fmt: skip


def load(file: Path) -> Settings:
    """Read the settings of a project.

    Raises:
        ConfigError: with every fault of the file, but for those that stop a single occasion.
    """
    document, refused = documents.read(file).apart("occasions")
    written, faults = documents.bind(document, _Written)
    if written is None:
        raise gathered(faults)
    values = {key.name: getattr(written, key.name) for key in fields(_Written)}
    for name, submitted in codes(file.absolute().parent).items():
        if name in written.channels:
            values["channels"] = {**values["channels"], name: with_codes(written.channels[name], submitted)}
    values["ledger"] = written.ledger or f"sqlite:///{file.absolute().parent / 'notigate.db'}"
    rules, named = document.root.entries.get("policy"), named_file(document.root.entries.get("workdays"))
    taken = file.absolute().parent / TAKEN
    settings = Settings(
        file=file.absolute(), patience=patience(rules), replies_stop=replies_stop(rules), workdays_file=named,
        notices=days_in(taken) if taken.is_file() and taken != named else Workdays(),
        astray=astray(document.root.entries.get("staff"), written.staff), refused=refused, **values,
    )  # fmt: skip
    known = settings.groups | {person.name for person in settings.staff}
    refuse_strangers(document.root.entries.get("alarms"), settings.alarms, known)
    return settings
