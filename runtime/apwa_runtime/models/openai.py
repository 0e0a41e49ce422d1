"""Any server that speaks the OpenAI chat API."""

from __future__ import annotations

from collections.abc import Mapping

from apwa_runtime.models.protocol import ModelSetupError
from apwa_runtime.models.server import DEFAULT_TIMEOUT, ServerClient, endpoint
from apwa_runtime.models.structured import MANNERS, Bodies


class OpenAIClient(ServerClient):
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
        address = endpoint(base_url, "/chat/completions")
        settings = {"model": name, "temperature": temperature, "max_tokens": max_tokens, "seed": seed}
        authorization = f"Bearer {api_key}" if api_key else address.credentials
        super().__init__(
            address,
            Bodies({key: value for key, value in settings.items() if value is not None}, structured),
            {"Authorization": authorization} if authorization else {},
            api_key=api_key,
            declared=headers or {},
            concurrency=concurrency,
            timeout=timeout,
            proxy=proxy,
        )
