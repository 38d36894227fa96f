"""The command `completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click

from mockcollect.cli.common import Commands

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_MOCKCOLLECT_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what SHELL needs to complete commands and options.

    \b
    Examples:
      eval "$(mockcollect completion bash)"
      mockcollect completion zsh > ~/.zfunc/_mockcollect
      mockcollect completion fish > ~/.config/fish/completions/mockcollect.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    command = ctx.find_root().command
    assert isinstance(command, Commands)
    shown = kind(command, {}, "mockcollect", _VARIABLE)
    # Not its `source()`: for bash that runs one to ask for its version.
    click.echo(shown.source_template % shown.source_vars())
