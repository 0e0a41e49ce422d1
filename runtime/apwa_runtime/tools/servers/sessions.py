"""The sessions of one sub-problem with the servers of its agent.

In: a call as the model has written it. Out: the text of its result, or a ToolError. A server is started, or connected
to, when the first of its tools is called.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from apwa_runtime.models.protocol import ToolCall
from apwa_runtime.tools.protocol import ToolError, ToolSetupError
from apwa_runtime.tools.servers.schemas import problems
from apwa_runtime.tools.servers.server import Offer, Server
from apwa_runtime.tools.servers.session import Session

_SHOWN = 3


class Sessions:
    """Calls what is in ``offers``, by the names that models have for it; ``timeout`` is that of a call in seconds."""

    def __init__(self, offers: Mapping[str, Offer], timeout: float) -> None:
        self._offers = offers
        self._timeout = timeout
        self._sessions: dict[Server, Session] = {}

    async def call(self, call: ToolCall) -> str:
        """The result of a call. Raises ToolError."""
        offer = self._offers[call.name]
        arguments = _arguments(call, offer)
        server = offer.server
        try:
            session = self._sessions.get(server) or self._sessions.setdefault(server, server.session())
            return await session.call(offer.name, arguments, server.timeout or self._timeout)
        except (ToolError, ToolSetupError) as error:
            raise ToolError(f"`{call.name}` failed: {error}") from None

    async def close(self) -> None:
        """End what is this sub-problem's own."""
        own = (session.close() for server, session in self._sessions.items() if not server.is_shared)
        await asyncio.gather(*own)


def _arguments(call: ToolCall, offer: Offer) -> dict[str, Any]:
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise ToolError(f"these are no arguments of `{call.name}`: {error}") from None
    wrong = list(islice(problems(given, offer.spec.parameters), _SHOWN))
    if wrong:
        raise ToolError(f"these are no arguments of `{call.name}`: {'; '.join(wrong)}")
    assert isinstance(given, dict)
    return given
