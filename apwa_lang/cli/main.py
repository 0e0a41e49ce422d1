"""The `apwa` command: one group whose commands are imported when they are called.

In: command-line arguments. Out: an exit code: 0 clean, 1 findings or failed sub-problems, 2 bad usage or unreadable
input, 70 a bug in apwa, 130 interrupted, 141 when the reader of the output went away.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from apwa_lang.config import ConfigError
from apwa_lang.diagnostics.suggest import suggestion

# The one-line help stands here, so that `apwa --help` imports no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("apwa_lang.cli.new:command", "Write a small project that runs as it is."),
    "draft": ("apwa_lang.cli.draft:command", "Have a model write a program, and mend it until it is clean."),
    "check": ("apwa_lang.cli.check:command", "Parse, type-check, prove and lint programs."),
    "fmt": ("apwa_lang.cli.fmt:command", "Format programs in the one style."),
    "explain": ("apwa_lang.cli.explain:command", "Explain a diagnostic code, with examples."),
    "test": ("apwa_lang.cli.test:command", "Run the tests in programs, with mocked models."),
    "prove": ("apwa_lang.cli.prove:command", "Show how each claim is known, and certify it."),
    "plan": ("apwa_lang.cli.plan:command", "Show what a run would do, before anything runs."),
    "compile": ("apwa_lang.cli.compile:command", "Write the plan as JSON or as a Python program."),
    "graph": ("apwa_lang.cli.graph:command", "Draw the data flow."),
    "run": ("apwa_lang.cli.run:command", "Run a flow, or go on with a run."),
    "runs": ("apwa_lang.cli.runs:command", "List runs, their state and how to go on with them."),
    "lsp": ("apwa_lang.cli.lsp:command", "Serve an editor."),
}

UNREADABLE = 2
INTERNAL_ERROR = 70
INTERRUPTED = 130
BROKEN_PIPE = 141


class _ReaderGoneError(Exception):
    """What reads the output closed its end."""


class LazyGroup(click.Group):
    """The commands of :data:`COMMANDS`, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a nearer name when there is one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = suggestion(name, COMMANDS)
            raise click.UsageError(f"no such command `{name}`" + (f"; {near}" if near else ""), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it, but a reader that goes away keeps its own exit code."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise _ReaderGoneError from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _print_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"apwa {version('apwa-lang')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`apwa COMMAND --help` shows a command's options.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def cli() -> None:
    """A language for massively parallel agent work: sub-problems proved to share no state."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Raises nothing but SystemExit from user code."""
    try:
        result = cli.main(list(arguments), prog_name="apwa", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        if error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"error: {_one_line(error.format_message())}", err=True)
        return error.exit_code
    except click.ClickException as error:
        click.echo(f"error: {_one_line(error.format_message())}", err=True)
        return error.exit_code
    except ConfigError as error:
        click.echo(f"error: {error}", err=True)
        return UNREADABLE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except (_ReaderGoneError, BrokenPipeError):
        return _reader_gone()
    except Exception as error:
        return _internal_error(error)
    return result if isinstance(result, int) else 0


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _reader_gone() -> int:
    # What is left in the buffers has nowhere to go; the interpreter must not complain about it at exit.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return BROKEN_PIPE


def _internal_error(error: Exception) -> int:
    if os.environ.get("APWA_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    said = _one_line(f"{type(error).__name__}: {error}")[:300]
    click.echo(f"internal error: {said} (a bug in apwa, please report it; APWA_DEBUG=1 shows where)", err=True)
    return INTERNAL_ERROR


def main() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))
