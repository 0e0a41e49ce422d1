"""Any server that answers a request by one JSON document over HTTP.

In: requests, the form in which the server takes them, and the settings of a model. Out: answers, or typed errors whose
text names the server and what it said, never a key or a header. A gate holds back what is beyond ``concurrency``, or
what the server does not want now.
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from apwa_runtime.models.admission import Admission, admitted
from apwa_runtime.models.gate import Gate
from apwa_runtime.models.http import MAX_ERROR, Address, HttpClient, Reply
from apwa_runtime.models.protocol import (
    Answer,
    EndpointFailure,
    ModelError,
    ModelSetupError,
    PermanentError,
    Request,
    TransientError,
)
from apwa_runtime.models.structured import excerpt, scrubbed

DEFAULT_TIMEOUT = 60.0
WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429})
SHORTEST_SECRET = 6
"""Shorter words of a declared header are no secrets."""
QUOTA = "insufficient_quota"


class Codec(Protocol):
    """The form in which a server takes requests and gives answers."""

    def encode(self, request: Request) -> bytes:
        """The body of a request."""
        ...

    def read(self, whole: Any, request: Request, seconds: float) -> Answer:
        """The answer in a decoded document. Raises ModelError."""
        ...


class ServerClient:
    """One model of one server, used from one event loop. ``timeout`` in seconds.

    ``headers`` may hold what must not be shown, as must ``api_key``. Raises ModelSetupError where a setting makes no
    sense.
    """

    def __init__(
        self,
        address: Address,
        codec: Codec,
        headers: Mapping[str, str],
        *,
        api_key: str | None,
        declared: Mapping[str, str],
        concurrency: int,
        timeout: float,
        proxy: str | None,
    ) -> None:
        if concurrency < 1:
            raise ModelSetupError(f"`concurrency` is at least 1, not {concurrency}")
        self._server = address.shown
        self._secrets = _secrets(address, api_key, declared)
        self._http = HttpClient(address, _checked({**_COMMON, **headers, **declared}, declared), _proxy(proxy))
        self._codec = codec
        self._timeout = timeout
        self._gate = Gate(concurrency)
        self.concurrency = concurrency
        self.admission: Admission | None = None

    @property
    def is_down(self) -> bool:
        """Whether the server fails every call."""
        return self._gate.is_down

    async def complete(self, request: Request) -> Answer:
        """Answer one request. Raises TransientError or PermanentError.

        The time limit starts when the request may be sent.
        """
        body = self._codec.encode(request)
        await self._gate.enter()
        try:
            return await admitted(self.admission, request, partial(self._send, body))
        finally:
            self._gate.leave()

    async def _send(self, body: bytes, request: Request) -> Answer:
        wire = request.wire
        if wire is not None:
            wire.sent = True
        try:
            start = time.perf_counter()
            reply = await self._http.post(body, self._timeout if request.timeout is None else request.timeout)
            took = time.perf_counter() - start
            if reply.status != 200:
                raise self._refusal(reply)
        except EndpointFailure as error:
            self._gate.failed(error)
            raise
        finally:
            if wire is not None:
                wire.sent = False
        self._gate.answered()
        try:
            whole = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            said = scrubbed(reply.body[:MAX_ERROR].decode("utf-8", "replace"), self._secrets)
            raise TransientError(f"{self._server} did not answer in JSON: {said}") from error
        try:
            return self._codec.read(whole, request, took)
        except PermanentError as error:
            raise PermanentError(scrubbed(str(error), self._secrets)) from None
        except RecursionError:
            raise TransientError(f"the answer of {self._server} is nested too deep") from None

    async def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        self._gate.close()
        await self._http.close()

    def _refusal(self, reply: Reply) -> ModelError:
        """The error for a status that is not 200; the gate learns of what concerns other calls as well."""
        status = reply.status
        said, code = _server_message(reply.body)
        said = scrubbed(said, self._secrets)
        message = f"{self._server} answered {status}" + (f": {said}" if said else "")
        if code == QUOTA:
            return PermanentError(message)
        if status >= 500 or status in WORTH_ANOTHER_TRY:
            seconds = retry_after(reply.headers)
            if status in (429, 503) and seconds is not None:
                self._gate.refused(seconds)
            elif status >= 500:
                return EndpointFailure(message, seconds)
            return TransientError(message, seconds)
        if 300 <= status < 400:
            return PermanentError(f"{self._server} answered {status}, a redirect: set `base_url` to where it leads")
        return PermanentError(message)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by ``retry-after-ms`` or ``Retry-After`` (seconds or an HTTP date); None without."""
    named = {name.lower(): value for name, value in headers.items()}
    milliseconds, text = named.get("retry-after-ms"), named.get("retry-after")
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


def _proxy(url: str | None) -> Address | None:
    if url is None:
        return None
    address = Address.of(url)
    if address is None:
        raise ModelSetupError("`proxy` must look like `http://host:3128`")
    return address


_COMMON = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "apwa",
}


def endpoint(base_url: str, path: str) -> Address:
    """The address of ``path`` on a server, unless ``base_url`` ends in it already. Raises ModelSetupError."""
    head, mark, query = base_url.strip().partition("#")[0].partition("?")
    head = head.rstrip("/")
    if not head.endswith(path):
        head += path
    address = Address.of(head + mark + query)
    if address is None:
        raise ModelSetupError("`base_url` must look like `https://host/v1`")
    return address


def _checked(headers: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, str]:
    """``headers``, where all of them can be sent."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)):
            what = f"the header `{excerpt(name, 40)}`" if name in declared else "`api_key`"
            raise ModelSetupError(f"{what} holds characters that cannot be sent")
    return dict(headers)


def _secrets(address: Address, api_key: str | None, headers: Mapping[str, str]) -> tuple[str, ...]:
    """What must not appear in messages, longest first."""
    found = {api_key or "", (address.user or "").partition(":")[2]}
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
