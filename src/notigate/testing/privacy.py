"""Where something private may have come to light."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus


def found(private: Iterable[str], *places: str) -> list[str]:
    """The places that hold one of the private values, plain or as an address or JSON spells it."""
    spellings = {spelling for value in private if value for spelling in _spellings(value)}
    return [place for place in places if any(spelling in place for spelling in spellings)]


def _spellings(value: str) -> tuple[str, ...]:
    return value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]


@contextmanager
def every_record() -> Iterator[list[str]]:
    """Collect what every logger says at DEBUG: each record with its arguments, its extra fields and its traceback."""
    lines: list[str] = []
    collector = _Collector(lines)
    loggers = [logging.getLogger(), *_loggers()]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.addHandler(collector)
    try:
        yield lines
    finally:
        for logger, level in before:
            logger.setLevel(level)
            logger.removeHandler(collector)


def _loggers() -> list[logging.Logger]:
    return [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]


class _Collector(logging.Handler):
    """Every logger has it, and records climb to the root: the same record may come twice."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [self.format(record), repr(record.__dict__)]
