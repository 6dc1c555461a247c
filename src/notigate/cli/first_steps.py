"""After `notigate init`: a first message to oneself, and what to do next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.errors import NotigateError
from notigate.language import _, translate

if TYPE_CHECKING:
    from notigate.cli.project import Project
    from notigate.sample.answers import Answers

#: of the occasions that every project begins with, the one that anybody may get on any day
FIRST = "service/birthday"


def trial(project: Project, folder: Path, address: str) -> None:
    """Offer a first message to oneself; what comes of it is told, and no reason not to have a project."""
    from notigate.cli.outcome import show_run  # noqa: PLC0415 - for those who want one
    from notigate.gateway import Gateway  # noqa: PLC0415 - as above

    try:
        if not click.confirm(
            "\n" + _("Send {occasion} to {address} now?").format(occasion=FIRST, address=address), err=True
        ):
            return
        with Gateway.open(folder) as gateway:
            show_run(gateway.send(FIRST, to=address), project, as_json=False)
    except NotigateError as fault:
        click.echo(translate(fault), err=True)
    except click.Abort:
        click.echo(err=True)


def next_steps(folder: Path, answers: Answers | None) -> Iterator[str]:
    """What to do with the new project, in this order."""
    if answers is None or not (answers.channels or answers.roster):
        yield _("notigate -C {folder} send --due: write what is due into {folder}/outbox").format(folder=folder)
        return
    for variable in _missing(answers):
        yield _("put the secret into the environment: {variable}").format(variable=variable)
    yield _("notigate -C {folder} doctor: is all there, and does each provider let us in?").format(folder=folder)
    if answers.roster is None:
        yield _("fill {folder}/customers.csv").format(folder=folder)
    else:
        yield _("notigate -C {folder} roster check: which rows cannot be used").format(folder=folder)
    yield _("notigate -C {folder} plan --days 7: who would get what").format(folder=folder)
    if answers.only:
        yield _("notigate -C {folder} send {occasion} --to {address}: a first message").format(
            folder=folder, occasion=FIRST, address=answers.only[0]
        )
        yield _("when the trial is over, take `only` out of notigate.yaml")
    yield _("notigate -C {folder} cron: the lines that let it run by itself").format(folder=folder)


def _missing(answers: Answers) -> list[str]:
    """Variables of the environment that hold nothing yet."""
    values = [value for keys in answers.channels.values() for value in keys.values()]
    names = [value[6:-1] for value in values if value.startswith("${env:")]
    return [name for name in names if not os.environ.get(name)]
