"""The server, put together and started.

In: where a client is: standard input and output, or an address. Out: answers to its messages until it goes away.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from pygls.io_ import StdinAsyncReader, StdoutWriter

from apwa_lang.lsp.server.base import ApwaServer
from apwa_lang.lsp.server.wire import serve

MODULES = (
    "diagnostics",
    "code_actions",
    "code_lens",
    "completion",
    "inlay_hints",
    "definition",
    "references",
    "hover",
    "refactorings",
    "signature_help",
    "rename",
    "semantic_tokens",
    "formatting",
    "folding",
    "selection_ranges",
    "symbols",
    "document_links",
    "call_hierarchy",
    "file_rename",
)
"""The modules of this package that register handlers, each by its ``register(server)``."""


def make_server() -> ApwaServer:
    """A server with every feature, not yet connected."""
    # A long program is millions of objects, few of them in circles: searching all of them would hold up a key.
    gc.set_threshold(100_000, 50, 100)
    # What pygls warns of are mistakes of clients, and cancelled requests whose answers were on their way.
    logging.getLogger("pygls").setLevel(logging.ERROR)
    server = ApwaServer()
    for name in MODULES:
        import_module(f"apwa_lang.lsp.server.{name}").register(server)
    return server


def serve_stdio() -> None:
    """Serve the client at standard input and output. What else is printed goes to standard error."""
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        server = make_server()
        server.protocol.set_writer(StdoutWriter(output))
        with ThreadPoolExecutor(1) as reading:
            asyncio.run(serve(StdinAsyncReader(sys.stdin.buffer, reading), server.protocol))


def serve_tcp(host: str, port: int) -> None:
    """Serve one client that connects to this address. Raises OSError where it cannot be had."""
    asyncio.run(_serve_one(make_server(), host, port))


async def _serve_one(server: ApwaServer, host: str, port: int) -> None:
    served = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.protocol.set_writer(writer)
        try:
            await serve(reader, server.protocol)
        finally:
            served.set()

    async with await asyncio.start_server(connected, host, port):
        await served.wait()
