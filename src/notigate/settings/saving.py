"""Writes keys into `notigate.yaml` without touching what its author wrote around them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import yaml

from notigate.errors import NotigateError, UsageError
from notigate.settings import load


def save_columns(file: Path, columns: Mapping[str, str]) -> Path:
    """Write `roster: {columns: …}`; columns that are named there already, and not here, are kept.

    Raises:
        UsageError: the file has no such section, or is written in a way that cannot be added to; it is untouched.
    """
    text = file.read_text(encoding="utf-8")
    before = load(file)
    if before.roster is None:
        raise UsageError("{file} has no section roster:; write where the people are first", file=file.name)
    wanted = {**before.roster.columns, **columns}
    after = _with_columns(
        text, "{" + ", ".join(f"{name}: {json.dumps(h, ensure_ascii=False)}" for name, h in wanted.items()) + "}"
    )
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.touch(mode=file.stat().st_mode & 0o777)
        draft.write_text(after, encoding="utf-8")
        _refuse_other(draft, file, wanted)
        draft.replace(file)
    except OSError as fault:
        raise UsageError("{file} cannot be written: {why}", file=file, why=fault.strerror or fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink()
    return file


def _with_columns(text: str, written: str) -> str:
    root = yaml.compose(text, yaml.SafeLoader)
    roster = _value(root, "roster")
    if not isinstance(roster, yaml.MappingNode):
        raise _by_hand(written)
    columns = _value(roster, "columns")
    if columns is not None:
        begin, end = columns.start_mark.index, columns.end_mark.index
        tail = text[begin:end][len(text[begin:end].rstrip()) :]
        return text[:begin] + written + tail + text[end:]
    if roster.flow_style:
        end = roster.end_mark.index - 1
        comma = "" if not roster.value else ", "
        return text[:end].rstrip().rstrip(",") + comma + f"columns: {written}" + text[end:]
    key = roster.value[0][0].start_mark
    return text[: key.index] + f"columns: {written}\n{' ' * key.column}" + text[key.index :]


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in entries if name.value == key), None)


def _refuse_other(draft: Path, file: Path, wanted: Mapping[str, str]) -> None:
    """Nothing but the columns may differ."""
    try:
        one, two = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (draft, file))
        same = load(draft).roster
    except (NotigateError, yaml.YAMLError):
        same = None
    else:
        one["roster"].pop("columns", None)
        two["roster"].pop("columns", None)
    if same is None or dict(same.columns) != dict(wanted) or one != two:
        raise _by_hand(f"{dict(wanted)}")


def _by_hand(written: str) -> UsageError:
    return UsageError(
        "notigate.yaml is written in a way that is not added to; write it by hand: columns: {columns}", columns=written
    )
