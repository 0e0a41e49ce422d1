"""`apwa lsp`: the language server.

In: a client at standard input and output, or one that connects. Out: answers until it goes away.
"""

from __future__ import annotations

import click

from apwa_lang.cli.common import InputError

LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, as is done by default.")
@click.option("--tcp", "address", metavar="[HOST:]PORT", help="Wait for one client there; HOST is this machine alone.")
def command(stdio: bool, address: str | None) -> None:
    """Serve an editor: findings as you type, and all that it asks.

    Editors start this command themselves; see docs/lsp.md.
    """
    if stdio and address is not None:
        raise click.UsageError("give --stdio or --tcp, not both")
    place = _place(address) if address is not None else None
    try:
        from apwa_lang.lsp.server.main import serve_stdio, serve_tcp
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise InputError('the language server needs more packages: pip install "apwa-lang[lsp]"') from error
    if place is None:
        serve_stdio()
        return
    try:
        serve_tcp(*place)
    except OSError as error:
        raise InputError(f"cannot listen at `{address}`: {(error.strerror or str(error)).lower()}") from error


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise click.UsageError(f"--tcp takes HOST:PORT, not `{address}`")
    return host.strip("[]") or LOOPBACK, int(port)
