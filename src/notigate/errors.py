"""What can be wrong on our side, with exit codes.

The world's answers are values (see `model.Outcome`); these exceptions are our own faults and the user's. Each message
is an English template with named fields, so that the command line can show it in the reader's language:

>>> str(ConfigError("{file}: unknown key {key!r}", file="notigate.yaml", key="chanels"))
"notigate.yaml: unknown key 'chanels'"
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells cron. The table of the manual is generated from the comments here."""

    #: done; also: nothing was due
    DONE = 0
    #: finished; some were refused, expired or invalid (rows named), or still wait for another try
    SOME_FAILED = 1
    #: usage, configuration or template fault; nothing was sent
    CONFIGURATION = 2
    #: approval is missing; what needs it was not sent
    NOT_APPROVED = 3
    #: finished; some outcomes are unknown and wait for `resolve` (outranks 1 and 3)
    SOME_UNKNOWN = 4
    #: the ledger cannot be used (disk full, corrupt, missing after `init`, schema); nothing was sent without a promise
    LEDGER = 5
    #: another run holds the ledger; this one did nothing
    LOCKED = 6
    #: data missing: the calendar does not know the year, the weather source did not answer
    DATA_MISSING = 7
    #: interrupted by Ctrl-C; resume with the same command
    INTERRUPTED = 130
    #: stopped by SIGTERM; resume with the same command
    TERMINATED = 143


def sentence(text: str) -> str:
    """Mark a sentence that stands in a table, so that translators get it; it is translated where it is shown."""
    return text


class NotigateError(Exception):
    """Something on our side that a person can put right; the message says what, where, and what to do.

    Args:
        template: English sentence with `{named}` fields; the key of its translations.
        fields: values of the named fields; never a secret, never an unmasked address.
    """

    exit_code = ExitCode.CONFIGURATION

    def __init__(self, template: str, **fields: object) -> None:
        super().__init__(template, fields)
        self.template = template
        self.fields = fields

    def __str__(self) -> str:
        return self.template.format_map(self.fields)


class UsageError(NotigateError):
    """The command or call asks for something that does not exist or does not fit."""


class ConfigError(NotigateError):
    """The project's own files are wrong. `faults` holds every fault of the file, not only the first."""

    def __init__(self, template: str, *, faults: tuple[ConfigError, ...] = (), **fields: object) -> None:
        super().__init__(template, **fields)
        self.faults = faults


class TemplateError(NotigateError):
    """A text or an occasion cannot be used; names file and line."""


class AudienceError(NotigateError):
    """The roster as a whole cannot be read; one bad row never raises this."""


class EmptyRoster(AudienceError):  # noqa: N818 - named after what the reader must fill
    """The roster can be read, and nobody is in it."""


class PluginError(NotigateError):
    """A plugin cannot be loaded, or two claim one name."""


class NotApproved(NotigateError):  # noqa: N818 - named after what the reader must do
    """What was asked for needs an approval that is not there."""

    exit_code = ExitCode.NOT_APPROVED


class LedgerError(NotigateError):
    """The ledger cannot be used; nothing was sent without a promise."""

    exit_code = ExitCode.LEDGER


class LedgerBusy(NotigateError):  # noqa: N818 - not a fault: somebody else is at work
    """Another run holds the ledger."""

    exit_code = ExitCode.LOCKED


class DataMissing(NotigateError):  # noqa: N818 - named after what the reader must bring
    """A source of facts (calendar, weather) cannot answer; nothing is guessed."""

    exit_code = ExitCode.DATA_MISSING
