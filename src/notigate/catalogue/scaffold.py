"""The first files of an occasion of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from notigate.catalogue.folders import OCCASION, Home, is_name
from notigate.errors import UsageError
from notigate.language import OURS
from notigate.render.wording import wording

_OCCASION = """\
# What may stand here: notigate schema occasion, and docs/reference/occasions.md
title: {title}
class: care                     # service | care | marketing | staff
moment: manual                  # or birthday, days_after: signed_on 30, monthly: first-workday, lunar: "8-15" …
at: "10:00-11:30"
who: ""                         # everyone; or: signed and not handed_over
channels: [sms, email]
approval: workday-before        # or none
late: drop                      # or next-window, ask
params: {{greeting: salutation, project_name: project.name, hotline: project.hotline}}
sample: {{name: 王芳, title: ms, phone: "13800138000", email: wangfang@example.com}}
"""
_SMS: Mapping[str, str] = {
    "zh_Hans": "{{ greeting }}，{{ project_name }}有一个消息告诉您。有事请拨{{ hotline }}。\n",
    "zh_Hant": "{{ greeting }}您好，{{ project_name }}有新消息向您報告。如需協助，請撥{{ hotline }}。\n",
    "en": "{{ greeting }}, {{ project_name }} has news for you. Questions? Call {{ hotline }}.\n",
}
_EMAIL: Mapping[str, str] = {
    "zh_Hans": "Subject: {{ project_name }}的消息\n\n{{ greeting }}：\n\n{{ project_name }}有一个消息告诉您。\n\n"
    "有事请拨 {{ hotline }}。\n\n{{ closing }}\n",
    "zh_Hant": "Subject: {{ project_name }}最新消息\n\n{{ greeting }}，您好：\n\n{{ project_name }}有新消息向您報告。\n\n"
    "如需協助，請撥 {{ hotline }}。\n\n{{ closing }}\n",
    "en": "Subject: News from {{ project_name }}\n\n{{ greeting }},\n\n{{ project_name }} has news for you.\n\n"
    "Questions? Call {{ hotline }}.\n\n{{ closing }}\n",
}


def begin(
    folder: Path, name: str, locales: Iterable[str] = (), model: Home | None = None, *, dry_run: bool = False
) -> tuple[Path, ...]:
    """Write the files of a new occasion; nothing is ever overwritten.

    Args:
        folder: the project's `templates/`.
        name: of the new occasion, such as `service/garden-day`.
        locales: in which it begins, beside our own.
        model: an occasion whose files are copied instead.
        dry_run: only tell which files would be written.

    Raises:
        UsageError: that is no name, or is taken, or the files cannot be written.
        TemplateError: the model's folder leads out of its folder.
    """
    if not is_name(name):
        raise UsageError("{name!r} is no name of an occasion; write KIND/NAME, such as service/garden-day", name=name)
    if os.path.lexists(folder / name):
        raise UsageError("{folder} is there already, and nothing is overwritten", folder=folder / name)
    contents = _copied(model) if model else _made(name, locales)
    if not dry_run:
        _write(folder / name, contents)
    return tuple(folder / name / file for file in contents)


def _copied(model: Home) -> Mapping[str, bytes]:
    texts = (file for files in model.texts().values() for file in files.values())
    return {file: model.path(file).read_bytes() for file in (OCCASION, *sorted(texts))}


def _made(name: str, locales: Iterable[str]) -> Mapping[str, bytes]:
    title = name.partition("/")[2].replace("-", " ").capitalize()
    files = {OCCASION: _OCCASION.format(title=title)}
    for locale in dict.fromkeys((*OURS, *locales)):
        files[f"{locale}.sms.txt"] = _SMS[wording(locale)]
        files[f"{locale}.email.txt"] = _EMAIL[wording(locale)]
    return {file: text.encode() for file, text in files.items()}


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=False)
        for file, content in contents.items():
            (folder / file).write_bytes(content)
    except OSError as fault:
        raise UsageError("{file}: cannot be written: {why}", file=fault.filename, why=fault.strerror) from fault
