"""How the language server is started."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from tests.support.command import apwa
from tests.support.forked import start


def test_without_its_packages_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n")
    ended = apwa("lsp", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert (ended.code, ended.err) == (
        2,
        'error: the language server needs more packages: pip install "apwa-lang[lsp]"\n',
    )


def test_a_place_that_is_none_is_bad_usage(tmp_path: Path) -> None:
    ended = apwa("lsp", "--tcp", "here", cwd=tmp_path)
    assert ended.code == 2
    assert ended.err.endswith("error: --tcp takes HOST:PORT, not `here`\n")


def test_it_serves_a_client_that_connects(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    process = start("-m", "apwa_lang.cli", "lsp", "--tcp", str(port), cwd=tmp_path)
    try:
        with _connected(port) as client:
            asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
            body = json.dumps(asked).encode()
            client.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert b"serverInfo" in _answer(client)
    finally:
        process.kill()


def _connected(port: int) -> socket.socket:
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            continue


def _answer(client: socket.socket) -> bytes:
    """Headers and body of one message."""
    with client.makefile("rb") as stream:
        length = 0
        while (line := stream.readline().strip()) or not length:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return stream.read(length)
