"""Any server that speaks the OpenAI chat API, over aiohttp.

In: requests, and the settings of a model. Out: answers, or typed errors whose text names the server and what it said,
never a key or a header. One session a client; a semaphore holds back what is beyond ``concurrency``.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import re
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from apwa_runtime.models.protocol import Answer, ModelSetupError, PermanentError, Request, TransientError
from apwa_runtime.models.structured import MANNERS, Bodies, excerpt, read_answer

MAX_ANSWER = 8 * 2**20
MAX_ERROR = 2**16
DEFAULT_TIMEOUT = 60.0
CONNECT_TIMEOUT = 10.0
WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429})
SHORTEST_SECRET = 6
"""Shorter words of a declared header are no secrets."""
QUOTA = "insufficient_quota"


class OpenAIClient:
    """One model of one OpenAI-compatible server, used from one event loop. ``timeout`` in seconds.

    Raises ModelSetupError where a setting makes no sense.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        api_key: str | None = None,
        concurrency: int = 64,
        timeout: float = DEFAULT_TIMEOUT,
        temperature: float | None = None,
        max_tokens: int | None = None,
        seed: int | None = None,
        headers: Mapping[str, str] | None = None,
        structured: str = "schema",
        proxy: str | None = None,
    ) -> None:
        if structured not in MANNERS:
            raise ModelSetupError(f"`structured` is one of {', '.join(MANNERS)}, not `{structured}`")
        if concurrency < 1:
            raise ModelSetupError(f"`concurrency` is at least 1, not {concurrency}")
        self._url, self._server = _endpoint(base_url)
        self._secrets = _secrets(base_url, api_key, headers or {})
        self._headers = _headers(api_key, headers or {})
        settings = {"model": name, "temperature": temperature, "max_tokens": max_tokens, "seed": seed}
        self._bodies = Bodies({key: value for key, value in settings.items() if value is not None}, structured)
        self._text_mode = structured == "text"
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._timeout = timeout
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, request: Request) -> Answer:
        """Answer one request. Raises TransientError or PermanentError.

        The time limit starts when a slot is free.
        """
        body = self._bodies.encode(request)
        seconds = self._timeout if request.timeout is None else request.timeout
        timeout = self._timeouts.get(seconds)
        if timeout is None:
            timeout = self._timeouts[seconds] = aiohttp.ClientTimeout(
                total=seconds, sock_connect=min(seconds, CONNECT_TIMEOUT)
            )
        async with self._slots:
            start = time.perf_counter()
            data = await self._post(body, timeout, seconds)
            took = time.perf_counter() - start
        try:
            whole = json.loads(data)
        except (ValueError, RecursionError) as error:
            said = self._scrub(data[:MAX_ERROR].decode("utf-8", "replace"))
            raise TransientError(f"{self._server} did not answer in JSON: {said}") from error
        try:
            return read_answer(whole, self._text_mode and request.schema is not None, took)
        except PermanentError as error:
            raise PermanentError(self._scrub(str(error))) from None

    async def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._concurrency, ttl_dns_cache=300)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            trust_env=False,
        )

    async def _post(self, body: bytes, timeout: aiohttp.ClientTimeout, seconds: float) -> bytes:
        """The body of a 200, or the error that another status or a broken connection means."""
        session = self._session
        if session is None:
            session = self._session = self._open()
        try:
            response = await session.post(
                self._url, data=body, timeout=timeout, proxy=self._proxy, allow_redirects=False
            )
            try:
                if response.status == 200:
                    return await self._read(response, MAX_ANSWER)
                data = await self._read(response, MAX_ERROR, cut=True)
            finally:
                response.release()
        except aiohttp.ConnectionTimeoutError as error:
            raise TransientError(f"no connection to {self._server} within {timeout.sock_connect:g} s") from error
        except TimeoutError as error:
            raise TransientError(f"{self._server} gave no answer within {seconds:g} s") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise PermanentError(f"the certificate of {self._server} is not trusted") from error
        except aiohttp.ClientConnectorError as error:
            raise TransientError(f"cannot connect to {self._server}: {_reason(error)}") from error
        except aiohttp.ClientPayloadError as error:
            raise TransientError(f"{self._server} broke off in the middle of an answer") from error
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(f"lost the connection to {self._server} ({type(error).__name__})") from error
        raise self._refusal(response, data)

    async def _read(self, response: aiohttp.ClientResponse, limit: int, cut: bool = False) -> bytes:
        """The body, of at most ``limit`` bytes: more is cut off or refused."""
        length = response.content_length
        if length is not None and length <= limit:
            return await response.read()
        parts, size = [], 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > limit:
                response.close()
                if cut:
                    break
                raise PermanentError(f"{self._server} sent an answer of more than {limit // 2**20} MiB")
        return b"".join(parts)[:limit]

    def _refusal(self, response: aiohttp.ClientResponse, data: bytes) -> TransientError | PermanentError:
        """The error for a status that is not 200."""
        status = response.status
        said, code = _server_message(data)
        said = self._scrub(said)
        message = f"{self._server} answered {status}" + (f": {said}" if said else "")
        if code == QUOTA:
            return PermanentError(message)
        if status >= 500 or status in WORTH_ANOTHER_TRY:
            return TransientError(message, retry_after(response.headers))
        if 300 <= status < 400:
            return PermanentError(f"{self._server} answered {status}, a redirect: set `base_url` to where it leads")
        return PermanentError(message)

    def _scrub(self, text: str) -> str:
        """``text`` on one line, with every secret taken out before it is cut."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return excerpt(text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by ``retry-after-ms`` or ``Retry-After`` (seconds or an HTTP date); None without."""
    milliseconds, text = headers.get("retry-after-ms"), headers.get("Retry-After")
    try:
        if milliseconds is not None:
            return _finite(float(milliseconds) / 1000)
        if text is None:
            return None
        if re.fullmatch(r"\s*\d+(\.\d*)?\s*", text):
            return _finite(float(text))
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _finite(seconds: float) -> float | None:
    return seconds if 0 <= seconds < float("inf") else None


def _endpoint(base_url: str) -> tuple[URL, str]:
    """The address of chat completions, and the server's name without user, password or query."""
    try:
        parts = urlsplit(base_url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelSetupError("`base_url` must look like `https://host/v1`")
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return URL(parts._replace(path=path, fragment="").geturl()), f"{parts.scheme}://{host}{port}"


def _headers(api_key: str | None, extra: Mapping[str, str]) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "User-Agent": "apwa",
    }
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    headers.update(extra)
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)):
            what = "`api_key`" if name == "Authorization" and name not in extra else f"the header `{excerpt(name, 40)}`"
            raise ModelSetupError(f"{what} holds characters that cannot be sent")
    return headers


def _secrets(base_url: str, api_key: str | None, headers: Mapping[str, str]) -> tuple[str, ...]:
    """What must not appear in messages, longest first."""
    try:
        password = urlsplit(base_url).password
    except ValueError:
        password = None
    found = {api_key or "", password or ""}
    found.update(word for value in headers.values() for word in value.split() if len(word) >= SHORTEST_SECRET)
    found.update([json.dumps(word)[1:-1] for word in found])
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def _server_message(data: bytes) -> tuple[str, str]:
    """What the server says of its error, and its code for it; the raw text where it is not JSON."""
    text = data.decode("utf-8", "replace")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return text, ""
    if isinstance(whole, dict):
        inner = whole.get("error", whole)
        if isinstance(inner, dict):
            message = inner.get("message") or inner.get("detail") or text
            return str(message), str(inner.get("code") or "")
        return str(inner), ""
    return text, ""


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """Why there is no connection, in words."""
    if isinstance(error.os_error, socket.gaierror):
        return "the host name is not known"
    return error.os_error.strerror or type(error.os_error).__name__
