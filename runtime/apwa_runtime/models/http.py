"""HTTP/1.1 POST over kept connections: as much of it as a model server needs, at a third of a general client's cost.

In: bytes to post, and a time limit. Out: the reply, or a typed error that names the server. A connection carries one
request at a time and is used again, the last used first. Redirects are replies like any other.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from httptools import HttpParserError, HttpResponseParser

from apwa_runtime.models.protocol import EndpointFailure, ModelError, PermanentError, TransientError

MAX_ANSWER = 8 * 2**20
MAX_ERROR = 2**16
MAX_HEAD = 2**16
MAX_WIRE = 4 * MAX_ANSWER
"""All bytes of an answer on the wire, the sizes of its chunks among them."""
CONNECT_TIMEOUT = 10.0
KEEP_IDLE = 15.0
"""Seconds after which an idle connection is not trusted any more."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, its headers as they came; the body of any status but 200 is cut at MAX_ERROR."""

    status: int
    raw_headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers, their names in lower case."""
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.raw_headers}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a URL leads. ``target`` is path and query, ``shown`` the server without user, password or path."""

    scheme: str
    host: str
    port: int
    target: str
    user: str | None

    @classmethod
    def of(cls, url: str) -> Address | None:
        """The address in ``url``; None where that is no http or https URL."""
        try:
            parts = urlsplit(url.strip())
            if parts.scheme not in ("http", "https") or not parts.hostname:
                return None
            host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return None
        query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
        user = None
        if parts.username is not None:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return cls(parts.scheme, host, port, quote(parts.path or "/", safe=_SAFE) + query, user)

    @property
    def authority(self) -> str:
        """``host:port``, the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = self.port == (443 if self.scheme == "https" else 80)
        return host if own else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The server, for messages."""
        return f"{self.scheme}://{self.authority}"

    @property
    def credentials(self) -> str | None:
        """The user and password as the value of a header."""
        return None if self.user is None else "Basic " + base64.b64encode(self.user.encode()).decode()


_SAFE = "/%:@!$&'()*+,;=~"
_LENGTHS = (b"content-length", b"transfer-encoding")


class HttpClient:
    """Posts to one address, from one event loop. How many requests run at a time is the caller's business."""

    def __init__(self, address: Address, headers: dict[str, str], proxy: Address | None = None) -> None:
        self._address = address
        self._proxy = proxy
        target, lines = address.target, {"Host": address.authority, **headers}
        if proxy is not None and address.scheme == "http":
            target = address.shown + target
            lines |= {"Proxy-Authorization": proxy.credentials} if proxy.credentials else {}
        head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._head = f"{head}Content-Length: ".encode("latin-1")
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._deadlines = _Deadlines()
        self._tls: ssl.SSLContext | None = None

    async def post(self, body: bytes, seconds: float) -> Reply:
        """The reply to ``body``, whole within ``seconds``. Raises TransientError or PermanentError."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        connection = self._kept(start - KEEP_IDLE) or await self._connect(loop, seconds)
        waiter = connection.send(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        self._deadlines.add(waiter, start + seconds)
        try:
            reply = await waiter
        except _Stale:
            return await self.post(body, seconds - (loop.time() - start))
        except TimeoutError as error:
            raise TransientError(f"{self._address.shown} gave no answer within {seconds:g} s") from error
        finally:
            self._deadlines.drop(waiter)
            if not connection.reusable:
                connection.abort()
        if connection.reusable:
            connection.idle_since = loop.time()
            self._idle.append(connection)
        return reply

    async def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        self._deadlines.close()
        for connection in tuple(self._all):
            connection.abort()
        await asyncio.sleep(0)

    def _kept(self, since: float) -> _Connection | None:
        """An idle connection that was used after ``since``."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and connection.idle_since >= since:
                return connection
            connection.abort()
        return None

    async def _connect(self, loop: asyncio.AbstractEventLoop, seconds: float) -> _Connection:
        limit = min(seconds, CONNECT_TIMEOUT)
        server = self._address.shown
        try:
            async with asyncio.timeout(limit):
                return await self._open(loop)
        except TimeoutError as error:
            raise EndpointFailure(f"no connection to {server} within {limit:g} s") from error
        except ssl.SSLCertVerificationError as error:
            raise PermanentError(f"the certificate of {server} is not trusted") from error
        except OSError as error:
            raise EndpointFailure(f"cannot connect to {server}: {_reason(error)}") from error

    async def _open(self, loop: asyncio.AbstractEventLoop) -> _Connection:
        address, proxy = self._address, self._proxy
        options: dict[str, Any] = {}
        if address.scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
            options = {"ssl": self._tls, "server_hostname": address.host}
        if proxy is not None and address.scheme == "https":
            options["sock"] = await _tunnel(loop, proxy, address)
        else:
            first = proxy or address
            options |= {"host": first.host, "port": first.port}
        _, connection = await loop.create_connection(lambda: _Connection(address.shown, loop, self._all), **options)
        return connection


class _Stale(EndpointFailure):
    """The server had closed a kept connection when it was used again."""


class _Connection(asyncio.Protocol):
    """One connection: bytes out, and the reply as a future. The lower half are callbacks of the parser."""

    def __init__(self, server: str, loop: asyncio.AbstractEventLoop, all: set[_Connection]) -> None:
        self._server = server
        self._loop = loop
        self._all = all
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Reply] | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._head = 0
        self._received = 0
        self._begun = False
        self._used = 0
        self.reusable = False
        self.idle_since = 0.0

    def send(self, data: bytes) -> asyncio.Future[Reply]:
        """Send one request. The future ends with the reply or with a ModelError."""
        waiter = self._waiter = self._loop.create_future()
        self.reusable = False
        self._used += 1
        self._received = 0
        if self._transport is None:
            self._fail(EndpointFailure(f"lost the connection to {self._server}"))
        else:
            self._transport.write(data)
        return waiter

    def abort(self) -> None:
        """Close at once, without waiting for what is on its way."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)
        self._transport = None
        self.reusable = False
        if self._waiter is None or self._waiter.done():
            return
        if not self._begun and exc is None and self._used > 1:
            self._fail(_Stale(f"lost the connection to {self._server}"))
        elif not self._begun:
            why = f" ({type(exc).__name__})" if exc is not None else ""
            self._fail(EndpointFailure(f"lost the connection to {self._server}{why}"))
        elif exc is None and not any(name.lower() in _LENGTHS for name, _ in self._headers):
            self._finish()
        else:
            self._fail(TransientError(f"{self._server} broke off in the middle of an answer"))

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            self.abort()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail(TransientError(f"{self._server} did not answer in HTTP"))
            self.abort()
        # Lines and interim answers that do not end are no headers yet.
        if not self._begun and self._received > 2 * MAX_HEAD:
            self._refuse(f"headers of more than {MAX_HEAD // 2**10} KiB")
        elif self._received > MAX_WIRE:
            self._refuse(f"more than {MAX_WIRE // 2**20} MiB for one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))
        self._head += len(name) + len(value)
        if self._head > MAX_HEAD:
            self._refuse(f"headers of more than {MAX_HEAD // 2**10} KiB")

    def on_headers_complete(self) -> None:
        self._begun = True
        self._head = 0

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > MAX_ERROR and self._parser.get_status_code() != 200:
            self._finish()
            self.abort()
        elif self._size > MAX_ANSWER:
            self._refuse(f"an answer of more than {MAX_ANSWER // 2**20} MiB")

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:
            self.reusable = self._parser.should_keep_alive() and self._waiter is not None
            self._finish()
        else:
            self._headers, self._begun = [], False

    def _finish(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            body = b"".join(self._parts)
            status = self._parser.get_status_code()
            waiter.set_result(Reply(status, self._headers, body if status == 200 else body[:MAX_ERROR]))
        self._headers, self._parts, self._size, self._head, self._begun = [], [], 0, 0, False

    def _refuse(self, what: str) -> None:
        """Fail because the server sent too much, and hear no more of it."""
        if self._waiter is not None:
            self._fail(PermanentError(f"{self._server} sent {what}"))
            self.abort()

    def _fail(self, error: ModelError) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)


class _Deadlines:
    """Ends futures that are late. One timer serves all, since most calls end long before theirs."""

    def __init__(self) -> None:
        self._at: dict[asyncio.Future[Reply], float] = {}
        self._armed = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiter: asyncio.Future[Reply], deadline: float) -> None:
        self._at[waiter] = deadline
        if deadline < self._armed:
            self._arm(deadline)

    def drop(self, waiter: asyncio.Future[Reply]) -> None:
        self._at.pop(waiter, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = float("inf")

    def _arm(self, deadline: float) -> None:
        self.close()
        self._armed = deadline
        self._timer = asyncio.get_running_loop().call_at(deadline, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for waiter, deadline in self._at.items():
            if deadline <= now and not waiter.done():
                waiter.set_exception(TimeoutError())
        self._armed = float("inf")
        waiting = [deadline for deadline in self._at.values() if deadline > now]
        if waiting:
            self._arm(min(waiting))


async def _tunnel(loop: asyncio.AbstractEventLoop, proxy: Address, address: Address) -> socket.socket:
    """A socket to ``address`` through ``proxy``, ready for TLS. Raises OSError."""
    whole = f"{address.authority}" if address.port != 443 else f"{address.authority}:443"
    user = f"Proxy-Authorization: {proxy.credentials}\r\n" if proxy.credentials else ""
    found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    family, kind, number, _, place = found[0]
    opened = socket.socket(family, kind, number)
    try:
        opened.setblocking(False)
        await loop.sock_connect(opened, place)
        await loop.sock_sendall(opened, f"CONNECT {whole} HTTP/1.1\r\nHost: {whole}\r\n{user}\r\n".encode("latin-1"))
        reply = b""
        while b"\r\n\r\n" not in reply and len(reply) < MAX_HEAD:
            # One byte at a time: what follows the head belongs to TLS.
            part = await loop.sock_recv(opened, 1)
            if not part:
                raise ConnectionResetError
            reply += part
        words = reply.split(None, 2)
        if len(words) < 2 or words[1] != b"200":
            status = words[1].decode("latin-1") if len(words) > 1 else "without a status"
            raise OSError(f"the proxy {proxy.shown} answered {status}")
    except BaseException:
        opened.close()
        raise
    return opened


def _reason(error: OSError) -> str:
    """Why there is no connection, in words."""
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or 'no reason given'})"
    if error.errno is not None:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
