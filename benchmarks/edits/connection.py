"""A server in a process of its own, and all that it says.

In: requests and notifications. Out: answers, and what was published for each file. Raises :class:`TroubleError` for
what no client should see: an error, a request without an answer, anything on standard error, a message of an error to
a person, or a dead server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import psutil

_PATIENCE = 120.0
_MIB = 1024 * 1024
_CANCELLED = -32800
_ERROR = 1
_CAPABILITIES = {
    "workspace": {
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "textDocument": {
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "insertReplaceSupport": True,
                "documentationFormat": ["markdown"],
            },
        },
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "definition": {"linkSupport": True},
    },
}


class TroubleError(Exception):
    """What a client of this server should never see."""


class Server:
    """A server with one folder.

    ``published`` is the last of each file: version and diagnostics. ``sent`` are the last messages to the server.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apwa_lang.cli", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.published: dict[str, tuple[int | None, list[dict[str, Any]]]] = {}
        self.sent: deque[dict[str, Any]] = deque(maxlen=5000)
        self._errors: list[str] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._waiting: set[int] = set()
        self._last = 0
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._ended = False
        for reads in (self._read, self._read_errors):
            threading.Thread(target=reads, daemon=True).start()
        answer = self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
                "capabilities": _CAPABILITIES,
            },
        )
        self.capabilities: dict[str, Any] = answer["capabilities"]
        self.tell("initialized", {})

    def tell(self, method: str, parameters: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def request(self, method: str, parameters: Any) -> int:
        """Send a request; its number."""
        self._last += 1
        with self._news:
            self._waiting.add(self._last)
        self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": parameters})
        return self._last

    def cancel(self, number: int) -> None:
        """Say that a request's answer is no longer wanted; there must be one all the same."""
        self.tell("$/cancelRequest", {"id": number})

    def answer(self, number: int, *, refusals: tuple[int, ...] = (), cancelled: bool = False) -> Any:
        """The answer to a request, None where it is one of the ``refusals``. Raises TroubleError."""
        until = time.monotonic() + _PATIENCE
        with self._news:
            while number not in self._answers:
                self._check()
                if time.monotonic() > until:
                    raise TroubleError(f"no answer to {number} within {_PATIENCE:g} s")
                self._news.wait(1)
            answer = self._answers.pop(number)
        self._check()
        error = answer.get("error")
        if error is None:
            return answer["result"]
        if error["code"] in refusals or (cancelled and error["code"] == _CANCELLED):
            return None
        raise TroubleError(f"an error: {json.dumps(error)[:4000]}")

    def ask(self, method: str, parameters: Any, *, refusals: tuple[int, ...] = ()) -> Any:
        """Send a request and wait for its answer. Raises TroubleError."""
        return self.answer(self.request(method, parameters), refusals=refusals)

    def wait(self, seconds: float) -> None:
        """Wait until something is published, so long at most. Raises TroubleError."""
        with self._news:
            self._news.wait(seconds)
        self._check()

    @property
    def memory(self) -> float:
        """MiB that the server holds."""
        resident: int = psutil.Process(self._process.pid).memory_info().rss
        return resident / _MIB

    def close(self) -> None:
        """End the server as clients do. Raises TroubleError."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        code = self._process.wait(_PATIENCE)
        self._check(dead=True)
        if code:
            raise TroubleError(f"it ended with {code}")

    def kill(self) -> None:
        """End it in any case."""
        self._process.kill()
        self._process.wait()

    def _check(self, *, dead: bool = False) -> None:
        if self._errors:
            time.sleep(0.5)
            raise TroubleError("on standard error: " + "".join(self._errors)[-6000:])
        if self._ended and not dead:
            raise TroubleError(f"the server is dead, with {self._process.wait()}")

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        with self._writing:
            self.sent.append(message)
            try:
                self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                self._process.stdin.flush()
            except BrokenPipeError:
                pass
        self._check()

    def _read(self) -> None:
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not header.strip():
                message = json.loads(self._process.stdout.read(length))
                with self._news:
                    self._take(message)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            if number in self._waiting:
                self._waiting.remove(number)
                self._answers[number] = message
            else:
                self._errors.append(f"(in truth: an answer to nothing) {message}\n")
        elif number is not None:
            threading.Thread(target=self._send, args=({"jsonrpc": "2.0", "id": number, "result": None},)).start()
        elif method == "textDocument/publishDiagnostics":
            said = message["params"]
            self.published[said["uri"]] = (said.get("version"), said["diagnostics"])
        elif method == "window/showMessage":
            told = message["params"]
            # What is wrong with settings is for a person to mend; any other error is one of the server.
            if told["type"] == _ERROR and "apwa.toml" not in told["message"]:
                self._errors.append(f"(in truth: shown to a person) {told['message']}\n")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line.decode("utf-8", "replace"))
