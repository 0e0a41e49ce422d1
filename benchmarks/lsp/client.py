"""A client of the language server that does no more than its messages need.

In: a folder. Out: a server in a process of its own, and the time from an edit to the findings about it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class Client:
    """A server, started, with one file open."""

    def __init__(self, file: Path, text: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apwa_lang.cli", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._uri = file.as_uri()
        self._version = 0
        self._asked = 2
        self._send("initialize", {"processId": None, "rootUri": file.parent.as_uri(), "capabilities": {}}, id=1)
        while self._receive().get("id") != 1:
            pass
        self._send("initialized", {})
        document = {"uri": self._uri, "languageId": "apwa", "version": 0, "text": text}
        self._send("textDocument/didOpen", {"textDocument": document})
        self.findings = self._published()

    def replace(self, line: int, start: int, end: int, text: str, *, asking: bool = False) -> float:
        """Replace characters of a line; the seconds until findings about the new text are there.

        With ``asking`` for what editors want after a key, whatever comes of that.
        """
        self._version += 1
        places = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        begun = time.perf_counter()
        self._send(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self._uri, "version": self._version},
                "contentChanges": [{"range": places, "text": text}],
            },
        )
        if asking:
            self._ask(line, start + len(text))
        self.findings = self._published()
        return time.perf_counter() - begun

    def _ask(self, line: int, character: int) -> None:
        place = {"line": line, "character": character}
        near = {"start": {"line": max(0, line - 30), "character": 0}, "end": {"line": line + 30, "character": 0}}
        for method, more in (
            ("completion", {"position": place}),
            ("documentHighlight", {"position": place}),
            ("codeAction", {"range": {"start": place, "end": place}, "context": {"diagnostics": []}}),
            ("semanticTokens/full", {}),
            ("inlayHint", {"range": near}),
            ("codeLens", {}),
            ("foldingRange", {}),
            ("documentSymbol", {}),
            ("documentLink", {}),
        ):
            self._asked += 1
            parameters = {"textDocument": {"uri": self._uri}, **more}
            self._send(f"textDocument/{method}", parameters, id=self._asked)

    def close(self) -> None:
        """End the server."""
        self._send("shutdown", None, id=2)
        while self._receive().get("id") != 2:
            pass
        self._send("exit", None)
        self._process.wait(30)

    def _published(self) -> list[dict[str, Any]]:
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                said = message["params"]
                if said["uri"] == self._uri and said.get("version") == self._version:
                    found: list[dict[str, Any]] = said["diagnostics"]
                    return found

    def _send(self, method: str, parameters: Any, id: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": parameters, **({"id": id} if id is not None else {})}
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (header := self._process.stdout.readline().strip()) or not length:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
