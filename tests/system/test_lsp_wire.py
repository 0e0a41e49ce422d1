"""What a client does wrong, and what may come at any time, as bytes: the server answers as it must, and goes on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.forked import start

Message = dict[str, Any]

RECORD = "record Note { id: str @key }\n"
HOVER = {"textDocument": {"uri": "file:///none.apwa"}, "position": {"line": 0, "character": 0}}


def framed(body: bytes, header: bytes = b"Content-Length") -> bytes:
    return b"%s: %d\r\n\r\n%s" % (header, len(body), body)


def message(method: str, parameters: object, number: object = None) -> bytes:
    numbered = {} if number is None else {"id": number}
    return framed(json.dumps({"jsonrpc": "2.0", **numbered, "method": method, "params": parameters}).encode())


INITIALIZE = message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, "start")
SHUTDOWN = message("shutdown", None, "end")
EXIT = message("exit", None)


def said(folder: Path, *sent: bytes) -> tuple[list[Message], int]:
    """What a server says to these bytes, and its exit code. It must have said nothing on standard error."""
    asked, answered, errors = (folder / name for name in ("asked", "answered", "errors"))
    asked.write_bytes(b"".join(sent))
    with asked.open("rb") as stdin, answered.open("wb") as stdout, errors.open("wb") as stderr:
        process = start(
            *("-m", "apwa_lang.cli", "lsp"),
            cwd=folder,
            stdin=stdin.fileno(),
            stdout=stdout.fileno(),
            stderr=stderr.fileno(),
        )
        code = process.wait(60)
    assert errors.read_text() == ""
    whole, answers = answered.read_bytes(), []
    while header := re.match(rb"Content-Length: (\d+)\r\n(?:.+\r\n)*\r\n", whole):
        end = header.end() + int(header[1])
        answers.append(json.loads(whole[header.end() : end]))
        whole = whole[end:]
    return answers, code


def talked(folder: Path, *sent: bytes) -> list[Message]:
    """What a server says to these bytes between its start and its end, after which it still did what it should."""
    answers, code = said(folder, INITIALIZE, message("initialized", {}), *sent, SHUTDOWN, EXIT)
    assert code == 0
    assert answers[0]["id"] == "start" and "capabilities" in answers[0]["result"]
    assert answers[-1] == {"jsonrpc": "2.0", "id": "end", "result": None}
    return answers[1:-1]


def code_of(answer: Message) -> tuple[object, int]:
    return answer["id"], answer["error"]["code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[1, 2]", -32600),
        (b"[]", -32600),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', -32600),
        (b'"text"', -32600),
        (b"null", -32600),
        (b'{"id": 1, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 5}', -32600),
        (b'{"jsonrpc": "2.0"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1', -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else str(value),
)
def test_what_is_no_message_is_answered_as_json_rpc_says(body: bytes, code: int, tmp_path: Path) -> None:
    assert [code_of(answer) for answer in talked(tmp_path, framed(body))] == [(None, code)]


def test_requests_that_cannot_be_served_are_refused(tmp_path: Path) -> None:
    answers = talked(
        tmp_path,
        message("textDocument/hover", {"textDocument": {}}, 1),
        message("textDocument/hover", [1], 2),
        message("textDocument/nonsense", {}, 3),
        message("initialize", {"capabilities": {}}, 4),
        message("textDocument/hover", HOVER, 5),
        message("workspace/executeCommand", {"command": "nonsense"}, 6),
    )
    assert [code_of(answer) for answer in answers if "error" in answer] == [
        (1, -32602),
        (2, -32602),
        (3, -32601),
        (4, -32600),
        (6, -32602),
    ]
    assert "uri" in answers[0]["error"]["message"]
    assert {"jsonrpc": "2.0", "id": 5, "result": None} in answers


def test_notifications_are_never_answered(tmp_path: Path) -> None:
    answers = talked(
        tmp_path,
        message("$/cancelRequest", {"id": 77}),
        message("$/nonsense", {}),
        message("nonsense", None),
        message("window/workDoneProgress/cancel", {"token": 1}),
        framed(b'{"jsonrpc": "2.0", "id": 5, "result": null}'),
        framed(b'{"jsonrpc": "2.0", "id": 6, "error": {"code": 1, "message": "no"}}'),
    )
    assert answers == []


def test_a_notification_that_is_not_understood_is_told(tmp_path: Path) -> None:
    (told,) = talked(tmp_path, message("textDocument/didOpen", {"textDocument": {"uri": "file:///a.apwa"}}))
    assert told["method"] == "window/logMessage"
    assert told["params"]["message"].startswith("textDocument/didOpen: ")


def test_messages_come_with_other_headers_too(tmp_path: Path) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": HOVER}).encode()
    answers = talked(
        tmp_path,
        framed(body, b"content-length"),
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" + framed(body),
        b"Content-Length: many\r\n\r\n",
        framed(body),
    )
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, None, -32700, None]


def test_before_the_start_and_after_the_end_requests_are_refused(tmp_path: Path) -> None:
    hover = message("textDocument/hover", HOVER, 1)
    opened = message("textDocument/didOpen", {"textDocument": {}})
    answers, code = said(tmp_path, hover, opened, INITIALIZE, SHUTDOWN, hover, opened, EXIT)
    assert code == 0
    assert [code_of(answer) for answer in answers if "error" in answer] == [(1, -32002), (1, -32600)]


@pytest.mark.parametrize(("sent", "code"), [([EXIT], 1), ([INITIALIZE, EXIT], 1), ([INITIALIZE], 0), ([], 0)])
def test_it_ends_with_its_client(sent: list[bytes], code: int, tmp_path: Path) -> None:
    assert said(tmp_path, *sent)[1] == code


def test_what_is_refused_for_its_meaning_leaves_no_traceback(tmp_path: Path) -> None:
    uri = (tmp_path / "main.apwa").as_uri()
    item = {"uri": uri, "languageId": "apwa", "version": 1, "text": RECORD}
    at = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 15}}
    answers = talked(
        tmp_path,
        message("textDocument/didOpen", {"textDocument": item}),
        message("textDocument/rename", {**at, "newName": "no name"}, 1),
        message("workspace/executeCommand", {"command": "apwa.draw", "arguments": [uri, "main"]}, 2),
    )
    assert [code_of(answer) for answer in answers if "error" in answer] == [(1, -32803), (2, -32602)]
