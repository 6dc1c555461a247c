"""`notigate completion`: let the shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from notigate.cli.pages import Command, examples
from notigate.language import _


@click.command(
    cls=Command,
    help=_("Print what lets your shell complete commands and options by the TAB key."),
    epilog=examples(
        {
            'eval "$(notigate completion bash)"': _("for this bash; put it into ~/.bashrc to keep it"),
            'eval "$(notigate completion zsh)"': _("for zsh: ~/.zshrc"),
            "notigate completion fish | source": _("for fish: ~/.config/fish/config.fish"),
        }
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Run the command."""
    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(ctx.find_root().command, {}, "notigate", "_NOTIGATE_COMPLETE").source())
