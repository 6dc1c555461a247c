"""Personal data in the clear: on a terminal only, and recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from notigate.language import _

if TYPE_CHECKING:
    from notigate.gateway import Gateway

F = TypeVar("F", bound=Callable[..., object])


def show_pii() -> Callable[[F], F]:
    """The option `--show-pii`."""
    return click.option(
        "--show-pii",
        is_flag=True,
        callback=_on_terminal,
        help=_("Names and addresses in full; on a terminal only, and recorded."),
    )


def record(gateway: Gateway, act: str, people: int) -> None:
    """Record who is about to see them."""
    gateway.privacy.accessed(act, people, login())


def login() -> str:
    """The name that is recorded."""
    import getpass  # noqa: PLC0415 - no help page waits for it

    return getpass.getuser()


def sure(question: str, *, yes: bool) -> None:
    """Have a person confirm what cannot be undone.

    Raises:
        UsageError: nobody can be asked, and `--yes` does not say so.
        click.Abort: they said no.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            _("this cannot be undone; say --yes where nobody can be asked, or look first with --dry-run")
        )
    click.confirm(question, abort=True, err=True)


def _on_terminal(ctx: click.Context, _option: click.Parameter, wanted: bool) -> bool:  # noqa: FBT001 - as click has it
    if wanted and not ctx.resilient_parsing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(_("--show-pii works on a terminal only; elsewhere names and addresses stay masked"))
    if wanted and ctx.params.get("as_json"):
        raise click.UsageError(_("--show-pii does not go with --json"))
    return wanted
