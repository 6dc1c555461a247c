"""The log of a project's runs, for programs and for people; no personal data is in it.

It holds what the core says with its fields, and what the project's plugins say: without the values they fill in, without the
words of exceptions, and with addresses masked.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notigate.address import mask_text

if TYPE_CHECKING:
    from io import TextIOWrapper
    from zoneinfo import ZoneInfo

    from notigate.settings.logs import LogSettings

#: the logger of the core
CORE = "notigate"
#: what a record may tell besides its sentence, in this order
FIELDS = (
    "run", "kind", "delivery", "occasion", "channel", "state", "reason", "attempts", "alarm", "about", "exit", "messages",
    "seconds", "counts",
)  # fmt: skip
#: places that are told of an exception, the last one being where it was raised
FRAMES = 5

log = logging.getLogger(CORE)


class Log:
    """An open log: hears the core, and the plugins it is told of."""

    def __init__(self, written: LogSettings, zone: ZoneInfo) -> None:
        self._level = logging.getLevelNamesMapping()[written.level.upper()]
        self._handlers = [_AsBefore(logging.WARNING), *_file(written, zone, self._level)]
        self._before: dict[logging.Logger, int] = {}
        self.listen([CORE])

    def listen(self, names: Iterable[str]) -> None:
        """Hear these loggers, too."""
        for logger in map(logging.getLogger, names):
            if logger not in self._before:
                self._before[logger] = logger.level
                logger.setLevel(min(self._level, logger.getEffectiveLevel()))
                for handler in self._handlers:
                    logger.addHandler(handler)

    def close(self) -> None:
        """Hear nobody any more."""
        for logger, level in self._before.items():
            logger.setLevel(level)
            for handler in self._handlers:
                logger.removeHandler(handler)
        for handler in self._handlers:
            handler.close()


class _AsBefore(logging.Handler):
    """What goes to standard error where nobody keeps a log still goes there."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on, unless it was only for those who keep one."""
        kept = any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger(record.name).handlers)
        if logging.lastResort is not None and not (kept or logging.getLogger().handlers):
            logging.lastResort.handle(record)


class _File(WatchedFileHandler):
    """A file for its owner only; opened anew when somebody has moved it away."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A log that cannot be written stops nothing."""
        del record


def _file(written: LogSettings, zone: ZoneInfo, level: int) -> Iterator[logging.Handler]:
    if written.file is None:
        return
    try:
        handler = _File(written.file)
    except OSError as fault:
        log.warning("the log %s cannot be written (%s); this run keeps none", written.file, fault.strerror)
        return
    handler.setLevel(level)
    handler.setFormatter(Json(zone) if written.format == "json" else Plain(zone))
    yield handler


class Json(logging.Formatter):
    """One object a line."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(_told(record, self._zone), ensure_ascii=False, default=str)


class Plain(Json):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = _told(record, self._zone)
        first = [str(told.pop(name)) for name in ("time", "level", "logger", "event")]
        fields = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in told.items())
        return " ".join([*first, *fields]).replace("\n", "\\n")


def discreet(record: logging.LogRecord) -> logging.LogRecord:
    """Of a plugin, the sentence as it is written: what is filled in may be anybody's name."""
    if record.name == CORE or record.name.startswith(f"{CORE}."):
        return record
    return logging.makeLogRecord({**vars(record), "args": ()})


def _told(record: logging.LogRecord, zone: ZoneInfo) -> dict[str, Any]:
    told: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, zone).isoformat(timespec="milliseconds"),
        "level": record.levelname, "logger": record.name, "event": mask_text(discreet(record).getMessage()), "process": record.process,
    }  # fmt: skip
    told |= {name: _value(getattr(record, name)) for name in FIELDS if getattr(record, name, "") not in ("", {}, None)}
    if record.exc_info and record.exc_info[1] is not None:
        told |= {"exception": type(record.exc_info[1]).__name__, "where": _where(record.exc_info[1])}
    return told


def _value(value: object) -> object:
    return value if isinstance(value, int | float | Mapping) else mask_text(str(value))


def _where(fault: BaseException) -> list[str]:
    frames = traceback.extract_tb(fault.__traceback__)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
