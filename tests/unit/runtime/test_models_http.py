"""The HTTP client against servers that speak TLS, stand behind proxies, close connections or break the rules."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from apwa_runtime.models.http import MAX_ANSWER, MAX_WIRE, Address, HttpClient, Reply
from apwa_runtime.models.protocol import PermanentError, TransientError

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CERTIFICATE = Path(__file__).parents[2] / "support" / "localhost.pem"
LONG = b"x" * 0x20000
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """The head and body of one request; nothing at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b":0")
    return head + await reader.readexactly(int(length.partition(b":")[2]))


class Server:
    """Answers every request with ``answer``, then closes where ``closes``; remembers what it saw."""

    def __init__(self, answer: bytes = OK, closes: bool = False) -> None:
        self.answer = answer
        self.closes = closes
        self.seen: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while request := await request_of(reader):
            self.seen.append(request)
            writer.write(self.answer)
            if self.closes:
                break
        writer.close()

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A proxy that knows CONNECT."""
        self.connections += 1
        head = await request_of(reader)
        self.seen.append(head)
        host, port = head.split(b" ")[1].rsplit(b":", 1)
        there, back = await asyncio.open_connection(host.decode(), int(port))
        writer.write(self.answer)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))


@asynccontextmanager
async def serving(
    server: Server, handle: Handle | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    opened = await asyncio.start_server(handle or server.handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield opened.sockets[0].getsockname()[1]
    finally:
        opened.close()


def address(text: str) -> Address:
    found = Address.of(text)
    assert found is not None
    return found


async def post(
    url: str, times: int = 1, proxy: str | None = None, trust: bool = False, seconds: float = 5
) -> list[Reply]:
    client = HttpClient(address(url), {"X-Team": "blue"}, address(proxy) if proxy else None)
    if trust:
        client._tls = ssl.create_default_context(cafile=CERTIFICATE)
    try:
        return [await client.post(b"body", seconds) for _ in range(times)]
    finally:
        await client.close()


def test_connections_are_kept() -> None:
    async def work() -> None:
        server = Server()
        async with serving(server) as port:
            replies = await post(f"http://127.0.0.1:{port}/v1?x=1", times=3)
        assert [reply.body for reply in replies] == [b"ok"] * 3
        assert server.connections == 1
        assert server.seen[0] == (
            f"POST /v1?x=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Team: blue\r\nContent-Length: 4\r\n\r\nbody".encode()
        )

    asyncio.run(work())


@pytest.mark.parametrize(
    ("answer", "closes", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", True, b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True, b"ok"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", True, b"until the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", False, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, False, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1;x=y\r\n!\r\n0\r\nX: y\r\n\r\n",
            False,
            b"ok!",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n%b\r\n0\r\nX: y\r\n\r\n" % LONG,
            False,
            LONG,
        ),
    ],
)
def test_every_way_to_end_an_answer_is_understood(answer: bytes, closes: bool, body: bytes) -> None:
    async def work() -> None:
        server = Server(answer, closes)
        async with serving(server) as port:
            replies = await post(f"http://127.0.0.1:{port}/", times=2)
        assert [reply.body for reply in replies] == [body, body]

    asyncio.run(work())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "did not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "broke off in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "broke off in the middle"),
        (b"", "lost the connection"),
    ],
)
def test_broken_answers_are_transient(answer: bytes, said: str) -> None:
    async def work() -> None:
        async with serving(Server(answer, closes=True)) as port:
            with pytest.raises(TransientError, match=said):
                await post(f"http://127.0.0.1:{port}/")

    asyncio.run(work())


def test_a_second_answer_that_nobody_asked_for_is_not_taken_for_the_next() -> None:
    async def work() -> None:
        server = Server(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        async with serving(server) as port:
            replies = await post(f"http://127.0.0.1:{port}/", times=3)
        assert [reply.body for reply in replies] == [b"ok"] * 3

    asyncio.run(work())


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 70_000, "headers of more than 64 KiB"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 500_000, "headers of more than 64 KiB"),
        (b"HTTP/1.1 200 " + b"x" * 500_000, "headers of more than 64 KiB"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, "headers of more than 64 KiB"),
        (CHUNKED + b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 70_000, "headers of more than 64 KiB"),
        (CHUNKED + b"1;" + b"x" * (MAX_WIRE + 1), "more than 32 MiB for one answer"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_ANSWER + 1), "an answer of more than 8 MiB"),
    ],
    ids=["headers", "name", "status", "interim", "trailers", "chunk", "body"],
)
def test_what_does_not_end_is_refused(answer: bytes, said: str) -> None:
    async def work() -> None:
        async with serving(Server(answer)) as port:
            with pytest.raises(PermanentError, match=said):
                await post(f"http://127.0.0.1:{port}/")

    asyncio.run(work())


def served_with_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_tls_is_spoken_and_certificates_are_checked() -> None:
    async def work() -> None:
        async with serving(Server(), tls=served_with_tls()) as port:
            assert (await post(f"https://localhost:{port}/", trust=True))[0].body == b"ok"
            with pytest.raises(PermanentError, match=f"the certificate of https://localhost:{port} is not trusted"):
                await post(f"https://localhost:{port}/")
            with pytest.raises(PermanentError, match="is not trusted"):
                # The certificate is trusted, and not for this name.
                await post(f"https://127.0.0.1:{port}/", trust=True)

    asyncio.run(work())


def test_a_proxy_gets_the_whole_address_and_its_own_password() -> None:
    async def work() -> None:
        proxy = Server()
        async with serving(proxy) as port:
            await post("http://model.example/v1", proxy=f"http://bob:pass%20word@127.0.0.1:{port}")
        head = proxy.seen[0].decode()
        assert head.startswith("POST http://model.example/v1 HTTP/1.1\r\nHost: model.example\r\n")
        assert "Proxy-Authorization: Basic Ym9iOnBhc3Mgd29yZA==\r\n" in head

    asyncio.run(work())


def test_tls_goes_through_a_tunnel_of_the_proxy() -> None:
    async def work() -> None:
        server, proxy = Server(), Server(b"HTTP/1.1 200 Connection established\r\n\r\n")
        async with serving(server, tls=served_with_tls()) as port, serving(proxy, proxy.tunnel) as at:
            replies = await post(
                f"https://localhost:{port}/", times=2, proxy=f"http://bob:x@127.0.0.1:{at}", trust=True
            )
        assert [reply.body for reply in replies] == [b"ok", b"ok"]
        assert proxy.connections == server.connections == 1
        assert proxy.seen[0].startswith(f"CONNECT localhost:{port} HTTP/1.1\r\n".encode())
        assert b"X-Team" not in proxy.seen[0]
        assert b"Proxy-Authorization" not in server.seen[0]

    asyncio.run(work())


def test_a_proxy_that_refuses_is_named() -> None:
    async def work() -> None:
        async with serving(Server(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) as port:
            with pytest.raises(TransientError, match=f"the proxy http://127.0.0.1:{port} answered 407"):
                await post("https://model.example/v1", proxy=f"http://127.0.0.1:{port}")

    asyncio.run(work())


@pytest.mark.parametrize(
    ("url", "shown", "target"),
    [
        ("https://host/v1/a b?q=ä", "https://host", "/v1/a%20b?q=%C3%A4"),
        ("http://[::1]:8000/v1", "http://[::1]:8000", "/v1"),
        ("http://bücher.example:80", "http://xn--bcher-kva.example", "/"),
    ],
)
def test_addresses(url: str, shown: str, target: str) -> None:
    found = address(url)
    assert (found.shown, found.target) == (shown, target)


@pytest.mark.parametrize("url", ["host/v1", "ftp://host/v1", "http://", "http://host:port/", "http://[broken"])
def test_what_is_no_address(url: str) -> None:
    assert Address.of(url) is None
