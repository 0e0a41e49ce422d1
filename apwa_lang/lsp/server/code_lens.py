"""Lenses over flows and tests, and their commands for editors that have none of their own.

In: requests for lenses, and the commands behind them. Out: lenses; a drawing of a flow; what a run or a test said.
A client with commands of these names says ``clientCommands`` in its initialization options; then they are its own.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from apwa_lang.diagnostics.tally import tally
from apwa_lang.lsp.features.code_lens import code_lenses
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.convert import path_of

if TYPE_CHECKING:
    from apwa_lang.lsp.view import View

DRAW = "apwa.draw"
"""Answers with a flow as text; the others show something to a person."""


def register(server: ApwaServer) -> None:
    """Register lenses and commands."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def _lenses(params: types.CodeLensParams) -> Steps[list[types.CodeLens]]:
        uri = params.text_document.uri
        view = yield from server.view(uri)
        return [
            types.CodeLens(
                server.convert.range(lens.span),
                types.Command(lens.title, f"apwa.{lens.command}", arguments=[uri, lens.name]),
            )
            for lens in (code_lenses(view) if view is not None else ())
        ]

    @server.command(DRAW)
    def _draw(uri: str, flow: str, form: str = "mermaid") -> Steps[str]:
        return draw((yield from _view(server, uri)), flow, form)

    @server.on_initialize
    def _commands(params: types.InitializeParams) -> None:
        options = params.initialization_options
        if not (isinstance(options, dict) and options.get("clientCommands")):
            _add_commands(server)


def _add_commands(server: ApwaServer) -> None:
    @server.command("apwa.graph")
    def _graph(uri: str, flow: str) -> Steps[str]:
        return draw((yield from _view(server, uri)), flow, "mermaid")

    @server.command("apwa.run")
    async def _run(uri: str, flow: str) -> str:
        return await _apwa(server, "run", uri, "--flow", flow)

    @server.command("apwa.test")
    async def _test(uri: str, name: str) -> str:
        return await _apwa(server, "test", uri, "--name", name)


def draw(view: View, flow: str, form: str) -> str:
    """A flow as ``mermaid`` or ``svg``. Raises JsonRpcInvalidParams, which the client shows, where it cannot be drawn.

    Parameters without a default have no value here, so that a flow that needs one is refused as by ``apwa graph``.
    """
    from apwa_compiler.build import CompileError, build_plan
    from apwa_compiler.pipeline import optimise

    checked = view.checked
    if checked.has_errors:
        raise JsonRpcInvalidParams(f"the program has {tally(checked.diagnostics)}")
    try:
        plan = optimise(build_plan(checked.program, flow, {}, checked.claims))
    except CompileError as error:
        raise JsonRpcInvalidParams("; ".join(finding.message for finding in error.diagnostics)) from None
    if form == "svg":
        from apwa_compiler.emit.svg import svg

        return svg(plan)
    from apwa_compiler.emit.mermaid import mermaid

    return mermaid(plan)


def _view(server: ApwaServer, uri: str) -> Steps[View]:
    view = yield from server.view(uri)
    if view is None:
        raise JsonRpcInvalidParams(f"{uri} is not open")
    return view


async def _apwa(server: ApwaServer, command: str, uri: str, option: str, name: str) -> str:
    """Run a command on the file as it is on disk; its last line is shown, all that it said is the answer."""
    file = path_of(uri)
    if file is None:
        raise JsonRpcInvalidParams(f"{uri} is no file")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "apwa_lang.cli", command, str(file), option, name),
        cwd=file.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    said = output.decode("utf-8", "replace").strip()
    kind = types.MessageType.Error if process.returncode else types.MessageType.Info
    last = said.rpartition("\n")[2] or f"apwa {command} ended with {process.returncode}"
    server.window_show_message(types.ShowMessageParams(kind, last))
    return said
