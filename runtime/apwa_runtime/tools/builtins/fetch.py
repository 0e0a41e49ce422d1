"""``fetch``: the text of a page, from hosts that are allowed."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

_MOST_BYTES = 4 * 2**20
_SECONDS = 30.0
_TEXTS = re.compile(r"text/|[/+](?:json|xml|javascript|yaml)", re.ASCII)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "pre"})


def fetch(url: str, places: Sequence[str]) -> str:
    """The text of ``url``, of HTML what a reader sees; redirects go to allowed ``places`` only.

    Raises ValueError.
    """
    wanted = _allowed(url, places)
    request = Request(wanted, headers={"User-Agent": "apwa", "Accept-Encoding": "gzip, identity"})
    try:
        with build_opener(_Redirects(places), ProxyHandler()).open(request, timeout=_SECONDS) as answer:
            return _text(answer)
    except HTTPError as error:
        raise ValueError(f"the server answers {error.code} {error.reason}") from None
    except URLError as error:
        raise ValueError(f"no answer: {error.reason}") from None


def _allowed(url: str, places: Sequence[str]) -> str:
    """The URL in the form in which it is asked. Raises ValueError where it may not be."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"`{url}` is no http or https URL")
    path = parts.path or "/"
    if re.search(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)|[\\\x00-\x20]", path, re.IGNORECASE):
        raise ValueError(f"the path of `{url}` is not plain")
    asked = urlunsplit((parts.scheme, parts.netloc.lower(), path, parts.query, ""))
    if not any(_is_below(parts.scheme, parts.netloc.lower(), path, place) for place in places):
        raise ValueError(f"`{url}` is not allowed; allowed are {', '.join(places)}")
    return asked


def _is_below(scheme: str, host: str, path: str, place: str) -> bool:
    """Whether a URL lies on a host that is allowed, or below a URL that is."""
    if "://" not in place:
        allowed, _, below = place.lower().partition("/")
        return host == allowed and path.startswith(f"/{below}")
    parts = urlsplit(place)
    prefix = parts.path or "/"
    inside = path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")
    return (scheme, host) == (parts.scheme, parts.netloc.lower()) and inside


class _Redirects(HTTPRedirectHandler):
    def __init__(self, places: Sequence[str]) -> None:
        self._places = places

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        return super().redirect_request(req, fp, code, msg, headers, _allowed(newurl, self._places))


def _text(answer: Any) -> str:
    kind = str(answer.headers.get_content_type())
    if not _TEXTS.search(kind):
        raise ValueError(f"it is no text but {kind}")
    data = answer.read(_MOST_BYTES)
    if answer.headers.get("Content-Encoding") == "gzip":
        data = _unzipped(data)
    text = data.decode(answer.headers.get_content_charset() or "utf-8", errors="replace")
    return _seen(text) if "html" in kind else text


def _unzipped(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, _MOST_BYTES)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"it is damaged: {error}") from None


def _seen(page: str) -> str:
    """The text of a page of HTML, lines where blocks begin."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
