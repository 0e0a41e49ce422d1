"""A real HTTP server on loopback that speaks the OpenAI chat API, with faults on demand.

In: requests to ``/v1/chat/completions``, ``/v1/messages`` (the Anthropic form) and ``/v1/models``. Out: deterministic
answers (``model_answers.py``), or a
fault: from the command line by probability (``--fault 429:0.1``), or from the prompt (``[fault reset once]``). What was
seen is at ``/stats`` and ``/requests``. Tests use the context manager :func:`model_server`; by hand:
``python -m tests.support.model_server --port 8000 --latency-ms 20``.

Faults: a status (``400``, ``429``, ``503`` …; ``429-ms`` and ``429-date`` name their time otherwise), ``quota``,
``reset``, ``hang``, ``drip`` (a few bytes at a time), ``truncated`` (body shorter than announced), ``malformed`` (half
a JSON value), ``html``, ``wrong`` (JSON of another shape), ``huge`` (5 MB), ``oversize`` (9 MiB), ``empty`` (no
choices), ``null`` (no content), ``length`` (cut at max_tokens), ``refusal``, ``filtered``; and lawful oddities:
``chunked``, ``parts`` (content as a list), ``fenced`` (JSON within prose). Those of ``hostile_answers.py`` besides.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import random
import re
import signal
import socket
import struct
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from time import monotonic, time
from typing import Any

from tests.support.anthropic_form import to_chat
from tests.support.forked import start
from tests.support.hostile_answers import HOSTILE
from tests.support.model_answers import Json, envelope, prompt_of, schema_answer

ROOT = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"\[fault ([\w-]+)(?: (once|x\d+))?\]")
HEAD = "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\n{}"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Fault:
    """``kind`` strikes with ``probability``, drawn from the seed, the prompt and how often it was asked."""

    kind: str
    probability: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Fault:
        kind, _, probability = text.partition(":")
        return cls(kind, float(probability or 1))


@dataclass
class Settings:
    """What the server does; times in seconds."""

    latency: float = 0.0
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    retry_after: float = 1.0
    rate: float | None = None
    api_key: str | None = None
    record: int = 2000
    answer: Callable[[Json], str] = schema_answer
    rules: tuple[tuple[re.Pattern[str], list[str]], ...] = ()


class ModelServer:
    """Counts, chooses and shapes the answers; one for all connections."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self.connections = 0
        self.window = (0, 0)
        self.clear()

    def clear(self) -> None:
        """Forget what was seen."""
        self.asked: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.log: list[tuple[float, bytes, bytes]] = []
        self.running = 0
        self.max_concurrent = 0

    def handle(self, connection: Connection, head: bytes, body: bytes) -> None:
        """Answer one request, after the latency where it is a completion."""
        target = head[: head.index(b"\r\n")].split(b" ")[1].partition(b"?")[0]
        if target in (b"/v1/chat/completions", b"/v1/messages"):
            self.running += 1
            self.max_concurrent = max(self.max_concurrent, self.running)
            if len(self.log) < self.settings.record:
                self.log.append((monotonic(), head, body))
            if self.settings.latency:
                self.loop.call_later(self.settings.latency, self.complete, connection, head, body)
            else:
                self.complete(connection, head, body)
        else:
            connection.reply(200, json.dumps(self.inspect(target.decode())).encode())

    def inspect(self, target: str) -> Any:
        """The answers of all paths but completions."""
        if target == "/v1/models":
            return {"object": "list", "data": [{"id": "test", "object": "model"}]}
        if target == "/requests":
            return [{"at": at, "head": head.decode("latin-1"), "body": json.loads(body)} for at, head, body in self.log]
        if target == "/reset":
            self.clear()
        return {
            "requests": self.outcomes.total() + self.running,
            "outcomes": dict(self.outcomes),
            "max_concurrent": self.max_concurrent,
            "running": self.running,
            "prompts": len(self.asked),
            "connections": self.connections,
        }

    def complete(self, connection: Connection, head: bytes, raw: bytes) -> None:
        """Answer a completion, or do what the fault says."""
        body = json.loads(raw)
        if b" /v1/messages" in head[: head.index(b"\r\n")]:
            body = {**to_chat(body), "form": "messages"}
        prompt = prompt_of(body)
        self.asked[prompt] += 1
        kind = self.refused(head) or self.fault_for(prompt, self.asked[prompt])
        self.outcomes[kind or "200"] += 1
        self.running -= kind != "hang"
        if kind is None:
            connection.reply(200, envelope(body, self.answer(body, prompt)))
        elif kind[:3].isdigit():
            self.reply_status(connection, kind, head)
        else:
            self.misbehave(connection, kind, body, prompt)

    def answer(self, body: Json, prompt: str) -> str:
        for pattern, texts in self.settings.rules:
            if pattern.search(prompt):
                return texts[min(self.asked[prompt], len(texts)) - 1]
        return self.settings.answer(body)

    def refused(self, head: bytes) -> str | None:
        """The status for a missing key or a rate that is used up, else None."""
        key, rate = self.settings.api_key, self.settings.rate
        if key is not None and f"bearer {key}\r\n".encode().lower() not in head.lower():
            return "401"
        if rate is not None:
            second, count = self.window
            now = int(monotonic())
            self.window = (now, count + 1 if now == second else 1)
            if self.window[1] > rate:
                return "429"
        return None

    def fault_for(self, prompt: str, attempt: int) -> str | None:
        for marker in MARKER.finditer(prompt):
            times = {None: attempt, "once": 1}.get(marker[2]) or int(marker[2][1:])
            if attempt <= times:
                return marker[1]
        if self.settings.faults:
            draw = random.Random(f"{self.settings.seed}\0{attempt}\0{prompt}").random()
            for fault in self.settings.faults:
                if draw < fault.probability:
                    return fault.kind
                draw -= fault.probability
        return None

    def reply_status(self, connection: Connection, kind: str, head: bytes) -> None:
        status, _, form = kind.partition("-")
        after = self.settings.retry_after
        extra = ""
        if status in ("429", "503"):
            extra = {
                "": f"Retry-After: {after:g}\r\n",
                "ms": f"retry-after-ms: {after * 1000:g}\r\n",
                "date": f"Retry-After: {formatdate(time() + after, usegmt=True)}\r\n",
            }[form]
        elif status[0] == "3":
            extra = "Location: http://127.0.0.1:9/elsewhere\r\n"
        key = re.search(rb"(?i)authorization: bearer ([^\r]*)", head)
        said = f"status {status} for key {key[1].decode() if key else 'none'} " + "and more " * 100
        connection.reply(int(status), json.dumps({"error": {"message": said, "type": "test"}}).encode(), extra)

    def misbehave(self, connection: Connection, kind: str, body: Json, prompt: str) -> None:
        """The faults that are no plain status."""
        text = self.answer(body, prompt)
        match kind:
            case "hang":
                connection.hanging = True
            case "reset":
                connection.reset()
            case "truncated":
                whole = connection.head(200, 10_000) + envelope(body, text)
                connection.transport.write(whole)
                connection.transport.close()
            case "drip":
                self.drip(connection, connection.head(200, len(envelope(body, text))) + envelope(body, text))
            case "chunked":
                connection.reply_chunked(envelope(body, text))
            case "malformed":
                connection.reply(200, envelope(body, text)[:60])
            case "html":
                connection.reply(200, b"<html><body>a proxy speaks</body></html>")
            case "quota":
                error = {"message": "You exceeded your current quota", "code": "insufficient_quota"}
                connection.reply(429, json.dumps({"error": error}).encode())
            case "wrong":
                connection.reply(200, envelope(body, '{"unexpected": [1, 2]}'))
            case "huge" | "oversize":
                size = 5 * MEGABYTE if kind == "huge" else 9 * 2**20
                inflated = {**body, "messages": [{"role": "user", "content": f"[echo {'x' * size}]"}]}
                connection.reply(200, envelope(body, schema_answer(inflated)))
            case "empty":
                connection.reply(200, json.dumps({"choices": [], "usage": None}).encode())
            case "null":
                connection.reply(200, envelope(body, None))
            case "length":
                connection.reply(200, envelope(body, text[: len(text) // 2], finish="length"))
            case "filtered":
                connection.reply(200, envelope(body, "", finish="content_filter"))
            case "refusal":
                connection.reply(200, envelope(body, None, refusal="I would rather not."))
            case "parts":
                parts = [{"type": "text", "text": text[:5]}, {"type": "text", "text": text[5:]}]
                connection.reply(200, envelope(body, parts))
            case "fenced":
                connection.reply(200, envelope(body, f"Here you are {{sic}}:\n```json\n{text}\n```\nAnything else?"))
            case _ if kind in HOSTILE:
                connection.reply(200, HOSTILE[kind](body))
            case _:
                connection.reply(400, json.dumps({"error": {"message": f"unknown fault {kind}"}}).encode())

    def drip(self, connection: Connection, data: bytes) -> None:
        if not connection.transport.is_closing():
            connection.transport.write(data[:10])
            if data[10:]:
                self.loop.call_later(0.02, self.drip, connection, data[10:])
            else:
                connection.done()


class Connection(asyncio.Protocol):
    """One keep-alive connection: a parser of requests with a Content-Length, one answered after the other."""

    transport: asyncio.Transport

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.buffer = b""
        self.busy = False
        self.hanging = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.running -= self.hanging

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.busy:
            self.advance()

    def advance(self) -> None:
        """Take the next whole request from the buffer."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[: end + 4]
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(found[1]) if found else 0
        if len(self.buffer) < end + 4 + length:
            return
        body = self.buffer[end + 4 : end + 4 + length]
        self.buffer = self.buffer[end + 4 + length :]
        self.busy = True
        self.server.handle(self, head, body)

    def head(self, status: int, length: int, extra: str = "") -> bytes:
        return f"{HEAD.format(status, 'Status', extra)}Content-Length: {length}\r\n\r\n".encode()

    def reply(self, status: int, body: bytes, extra: str = "") -> None:
        if not self.transport.is_closing():
            self.transport.write(self.head(status, len(body), extra) + body)
            self.done()

    def reply_chunked(self, body: bytes) -> None:
        pieces = [body[n : n + 50] for n in range(0, len(body), 50)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        self.transport.write(HEAD.format(200, "OK", "Transfer-Encoding: chunked\r\n\r\n").encode() + chunks)
        self.transport.write(b"0\r\n\r\n")
        self.done()

    def done(self) -> None:
        self.busy = False
        if self.buffer:
            self.advance()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        sock: socket.socket = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def load(target: str) -> Callable[[Json], str]:
    """``module:function`` from a request body to the answer's text."""
    module, _, name = target.partition(":")
    function: Callable[[Json], str] = getattr(importlib.import_module(module), name)
    return function


async def serve(settings: Settings, port: int, follow_stdin: bool) -> None:
    """Serve until told to stop, or until standard input closes where ``follow_stdin``."""
    model = ModelServer(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        model.loop.add_signal_handler(number, stop.set)
    if follow_stdin:
        model.loop.add_reader(sys.stdin, stop.set)
    server = await model.loop.create_server(lambda: Connection(model), "127.0.0.1", port, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await stop.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="A model server for tests, on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[:PROBABILITY]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--retry-after", type=float, default=1, help="seconds that a 429 or 503 names")
    parser.add_argument("--rate", type=float, help="requests a second; the rest get 429")
    parser.add_argument("--api-key", help="the key without which the answer is 401")
    parser.add_argument("--record", type=int, default=2000, help="how many requests /requests keeps")
    parser.add_argument("--answer", default="schema", help="'schema', or module:function from a request to a text")
    parser.add_argument(
        "--rules",
        default="[]",
        help="JSON list of [regular expression, answer] tried first; [answer, …] one after the other",
    )
    parser.add_argument("--follow-stdin", action="store_true", help="stop when standard input closes")
    given = parser.parse_args(arguments)
    settings = Settings(
        latency=given.latency_ms / 1000,
        faults=tuple(Fault.parse(text) for text in given.fault),
        seed=given.seed,
        retry_after=given.retry_after,
        rate=given.rate,
        api_key=given.api_key,
        record=given.record,
        answer=schema_answer if given.answer == "schema" else load(given.answer),
        rules=tuple(
            (re.compile(pattern), [one if isinstance(one, str) else json.dumps(one) for one in texts])
            for pattern, said in json.loads(given.rules)
            for texts in [said if isinstance(said, list) else [said]]
        ),
    )
    asyncio.run(serve(settings, given.port, given.follow_stdin))


@dataclass(frozen=True)
class Running:
    """A server in another process; ``url`` ends in ``/v1``."""

    url: str

    def stats(self) -> Json:
        """Counts of what was seen: requests, outcomes, max_concurrent, running, prompts, connections."""
        return dict(self._get("stats"))

    def requests(self) -> list[Json]:
        """The recorded completions, each with ``at`` (seconds), ``head`` (text) and ``body``."""
        return list(self._get("requests"))

    def reset(self) -> None:
        """Forget the counts and the recorded requests."""
        self._get("reset")

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url.removesuffix('/v1')}/{path}") as response:
            return json.load(response)


@contextmanager
def model_server(
    *,
    latency: float = 0.0,
    faults: Sequence[str] = (),
    answer: str = "schema",
    rules: Sequence[tuple[str, object]] = (),
    seed: int = 0,
    retry_after: float = 1.0,
    rate: float | None = None,
    api_key: str | None = None,
    record: int = 2000,
) -> Iterator[Running]:
    """A server in a process of its own, ended on leaving; it also ends when this process dies."""
    options = ["--latency-ms", str(latency * 1000), "--seed", str(seed), "--retry-after", str(retry_after)]
    options += ["--answer", answer, "--rules", json.dumps(list(rules)), "--record", str(record)]
    options += [part for fault in faults for part in ("--fault", fault)]
    options += [] if rate is None else ["--rate", str(rate)]
    options += [] if api_key is None else ["--api-key", api_key]
    (stdin, stop), (said, stdout) = os.pipe(), os.pipe()
    process = start("-m", __name__, "--follow-stdin", *options, cwd=ROOT, stdin=stdin, stdout=stdout, stderr=2)
    os.close(stdin)
    os.close(stdout)
    try:
        with os.fdopen(said) as lines:
            url = lines.readline().strip()
        if not url:
            raise RuntimeError(f"the model server did not start (exit code {process.wait()})")
        yield Running(url)
    finally:
        os.close(stop)
        process.wait(timeout=10)


if __name__ == "__main__":
    main()
