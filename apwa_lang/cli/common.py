"""What the commands share: reading programs, printing findings, the options that bind a flow.

In: paths and option values as typed. Out: sources, checked programs, and findings on a stream. Bad input ends the
command with one line and exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.check import Checked

F = TypeVar("F", bound=Callable[..., Any])

OUTPUT_FORMATS = ("text", "json", "sarif", "github")


class InputError(click.ClickException):
    """Input that cannot be read or used: one line, exit code 2."""

    exit_code = 2


def shown_path(path: Path) -> str:
    """``path`` relative to the current folder where it lies below it, else absolute."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def read_source(path: str, stdin_filename: str | None = None) -> Source:
    """The program in a file, or on standard input for ``-``, which may have the name of a file. Raises InputError."""
    if path == "-":
        text = _decode(sys.stdin.buffer.read(), stdin_filename or "<stdin>")
        if stdin_filename is None:
            return Source(text, "<stdin>")
        named = Path(os.path.abspath(stdin_filename))  # noqa: PTH100
        return Source(text, shown_path(named), named)
    file = Path(os.path.abspath(path))  # noqa: PTH100
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from error
    return Source(_decode(data, path), shown_path(file), file)


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"cannot read `{path}`: not UTF-8 text (byte 0x{data[error.start]:02x} in line {line})"
        ) from error


def load_checked(path: str, *, output_format: str = "text") -> Checked:
    """Read and check a program that is about to be compiled.

    Findings go to standard error, but for what cannot run yet: compiling tells that of the chosen flow. Raises
    InputError for unreadable input and click's Exit with code 1 when there are errors, so that what comes back has a
    program.
    """
    from apwa_lang.check import check
    from apwa_lang.diagnostics.codes.lowering import NOT_LOWERED

    checked = check(read_source(path))
    findings = [finding for finding in checked.diagnostics if finding.code != NOT_LOWERED.id]
    print_diagnostics(findings, output_format=output_format, stream=sys.stderr)
    if any(finding.severity is Severity.ERROR for finding in checked.diagnostics):
        raise click.exceptions.Exit(1)
    return checked


def print_diagnostics(
    diagnostics: Sequence[Diagnostic], *, output_format: str = "text", stream: TextIO | None = None
) -> None:
    """Write findings to ``stream`` (standard output by default) in one of :data:`OUTPUT_FORMATS`."""
    target = stream or sys.stdout
    ordered = sorted(diagnostics, key=lambda finding: finding.sort_key)
    if output_format == "json":
        from apwa_lang.diagnostics.render import json

        text = json.render(ordered)
    elif output_format == "sarif":
        from apwa_lang.diagnostics.render import sarif

        text = sarif.render(ordered)
    elif output_format == "github":
        from apwa_lang.diagnostics.render import github

        text = github.render(ordered)
    else:
        from apwa_lang.diagnostics.render import text as plain

        text = plain.render(ordered, color=wants_color(target))
    if text:
        target.write(text if text.endswith("\n") else text + "\n")


def wants_color(stream: TextIO) -> bool:
    """Whether to colour: ``--color`` if given, else a terminal, unless NO_COLOR is set."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _set_color(ctx: click.Context, parameter: click.Parameter, value: str) -> None:
    ctx.color = {"always": True, "never": False}.get(value, ctx.color)


def color_option(function: F) -> F:
    """``--color auto|always|never``, which :func:`wants_color` heeds."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_set_color,
        help="Colour findings; auto does so on a terminal unless NO_COLOR is set.",
    )(function)


def parameter_options(function: F) -> F:
    """``--param`` and ``--params``: the argument ``params: dict[str, object]``."""
    for decorator in (
        click.option(
            "--params",
            "params_file",
            metavar="FILE",
            expose_value=False,
            is_eager=True,
            callback=_read_params,
            help="A .json or .toml file of parameter values; --param wins over it.",
        ),
        click.option(
            "--param",
            "params",
            metavar="NAME=VALUE",
            multiple=True,
            callback=_merge_params,
            help="Give a parameter its value; may be repeated.",
        ),
    ):
        function = decorator(function)
    return function


def flow_options(function: F) -> F:
    """``--flow`` and those of :func:`parameter_options`: the argument ``flow: str | None`` too."""
    flow = click.option("--flow", metavar="NAME", help="The flow; needed when the program has several.")
    return flow(parameter_options(function))


_PARAMS_FILE = "apwa.params_file"


def _read_params(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    path = Path(value)
    try:
        text = _decode(path.read_bytes(), value)
    except OSError as error:
        raise InputError(f"cannot read `{value}`: {(error.strerror or str(error)).lower()}") from error
    values: object
    try:
        if path.suffix == ".toml":
            import tomllib

            values = tomllib.loads(text)
        else:
            import json

            values = json.loads(text)
    except ValueError as error:
        raise InputError(f"cannot read `{value}`: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"cannot read `{value}`: it must hold an object of parameter names and values")
    ctx.meta[_PARAMS_FILE] = values


def _merge_params(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, object]:
    params: dict[str, object] = dict(ctx.meta.get(_PARAMS_FILE, {}))
    params.update(pairs(value, "--param", "NAME=VALUE"))
    return params


def pairs(values: Sequence[str], option: str, shape: str) -> dict[str, str]:
    """``name=value`` option values as a dict. Raises a usage error for anything else, and for a name given twice."""
    result: dict[str, str] = {}
    for item in values:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"{option} takes {shape}, not `{item}`")
        if name.strip() in result:
            raise click.UsageError(f"{option} gives `{name.strip()}` twice")
        result[name.strip()] = value
    return result
