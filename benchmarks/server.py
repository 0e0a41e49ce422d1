"""A model server that costs as little as can be, so that a benchmark measures its clients.

In: chat completions over HTTP. Out: after a fixed time, one canned answer that names the record's number: the prompt is
searched for it, the request is not parsed. ``python -m benchmarks.server --latency-ms 20`` prints its address and
serves until standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from benchmarks.work import MARK, label_of

ANSWER = (
    '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"test","choices":[{"index":0,"finish_reason":'
    '"stop","message":{"role":"assistant","content":"%s"}}],'
    '"usage":{"prompt_tokens":60,"completion_tokens":12,"total_tokens":72}}'
)
BLANK = b"\r\n\r\n"
LENGTH = b"content-length:"


class Manner:
    """How the server answers; ``latency`` in seconds."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def delay(self, request: bytes) -> float:
        """Seconds until the answer to a request that has just come."""
        return self.latency

    def answer(self, request: bytes) -> str:
        """What the model says."""
        at = request.index(MARK) + len(MARK)
        return label_of(int(request[at : request.index(b":", at)]))


class Connection(asyncio.Protocol):
    """One keep-alive connection: one request after the other."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.loop = asyncio.get_running_loop()
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data if self.buffer else data
        end = data.find(BLANK) + 4
        if end >= 4:
            head = data[:end].lower()
            at = head.index(LENGTH) + len(LENGTH)
            end += int(head[at : head.index(b"\r", at)])
            if len(data) >= end:
                self.loop.call_later(self.manner.delay(data), self.answer, data)
                data = b""
        self.buffer = data

    def answer(self, request: bytes) -> None:
        body = ANSWER % self.manner.answer(request).replace('"', '\\"')
        self.transport.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )


async def serve(manner: Manner, port: int = 0) -> None:
    """Serve on loopback until standard input closes."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_reader(sys.stdin, stop.set)
    server = await loop.create_server(lambda: Connection(manner), "127.0.0.1", port, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await stop.wait()


def run(serving: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)


def main() -> None:
    parser = argparse.ArgumentParser(description="The model server of the benchmarks.")
    parser.add_argument("--latency-ms", type=float, default=20)
    run(serve(Manner(parser.parse_args().latency_ms / 1000)))


if __name__ == "__main__":
    main()
