"""Which providers there are, and how a model of the plan becomes a client.

In: a model of the plan, the environment. Out: a client, ready to be asked; it opens and loads nothing yet. A provider
is imported when a model names it; to add one, write its class and a line in PROVIDERS. Its settings are the
parameters of its constructor.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from apwa_compiler import plan
from apwa_runtime.models.admission import Admission
from apwa_runtime.models.limits import Limiter, Limits, Used
from apwa_runtime.models.own import DEFAULT_TIMEOUT, OwnClient
from apwa_runtime.models.protocol import ModelClient, ModelSetupError
from apwa_runtime.models.structured import excerpt, scrubbed

PROVIDERS: Mapping[str, str] = {
    "openai": "apwa_runtime.models.openai:OpenAIClient",
    "anthropic": "apwa_runtime.models.anthropic:AnthropicClient",
    "local": "apwa_runtime.models.local:LocalClient",
}
NOT_FOR_CLIENTS = frozenset({"price", "rate"})
SERVED = 64
"""The requests that a server is asked at a time, where its model does not say."""
NUMBERS: Mapping[str, Callable[[str], int | float]] = {
    "concurrency": int,
    "context": int,
    "max_tokens": int,
    "seed": int,
    "threads": int,
    "temperature": float,
    "timeout": float,
}
"""Settings that are numbers, for values that come as text from the environment."""


def make_client(model: plan.Model, workers: int | None = 1, used: Used | None = None) -> ModelClient:
    """The client of ``model``. Secrets are read from the environment here, and nowhere else.

    ``concurrency`` and ``rate`` are those of the whole run: each of its ``workers`` has an equal share, or, with None,
    what a broker gives it through the client's ``admission``. ``used`` is what an earlier start has used. Raises
    ModelSetupError, which names the model and what is missing or wrong, never a value read from the environment.
    """
    settings = {name: _value(model, name, value) for name, value in model.settings if name not in NOT_FOR_CLIENTS}
    client = _own_client(model, settings) if model.provider == "python" else _client(model, settings)
    limits = limits_of(model)
    if limits.requests or limits.tokens or (workers != 1 and limits.concurrency):
        longest = settings.get("max_tokens")
        client.admission = Admission(Limiter(limits, workers), longest if isinstance(longest, int) else None, used=used)
    return client


def limits_of(model: plan.Model) -> Limits:
    """What the model allows the whole run. Raises ModelSetupError as ``make_client`` does.

    A local model has no limit of its own: each worker has one.
    """
    settings = dict(model.settings)
    concurrency = _value(model, "concurrency", settings.get("concurrency"))
    if concurrency is None and model.provider != "local":
        concurrency = SERVED
    rate = settings.get("rate")
    rates = rate if isinstance(rate, dict) else {"requests": rate}
    return Limits(
        concurrency if isinstance(concurrency, int) else None,
        *(found if isinstance(found := rates.get(kind), plan.Rate) else None for kind in ("requests", "tokens")),
    )


def _client(model: plan.Model, settings: dict[str, Any]) -> ModelClient:
    """The client of one of our providers. Raises ModelSetupError."""
    target = PROVIDERS.get(model.provider)
    if target is None:
        raise ModelSetupError(f"model `{model.name}`: there is no provider `{model.provider}`")
    make = _load(model, target)
    if model.provider == "local":
        settings.pop("name", None)
    _check_settings(model, make, settings)
    try:
        client: ModelClient = make(**settings)
    except ModelSetupError as error:
        raise ModelSetupError(f"model `{model.name}`: {error}") from error
    return client


def _own_client(model: plan.Model, settings: dict[str, Any]) -> ModelClient:
    """The client that asks what the user's factory makes. Raises ModelSetupError."""
    concurrency, timeout = settings.pop("concurrency", SERVED), settings.pop("timeout", DEFAULT_TIMEOUT)
    secrets = [str(settings[name]) for name, value in model.settings if isinstance(value, plan.Secret) and value.hidden]
    make = _own(model)
    _check_settings(model, make, settings)
    try:
        function = make(**settings)
    except Exception as error:
        told = scrubbed(f"{type(error).__name__}: {error}", secrets)
        raise ModelSetupError(f"model `{model.name}`: `{model.factory}` failed: {told}") from None
    if not callable(function):
        raise ModelSetupError(f"model `{model.name}`: `{model.factory}` made no function to ask")
    return OwnClient(model.name, function, concurrency, timeout, secrets)


def _own(model: plan.Model) -> Callable[..., Any]:
    """The user's factory, from its own folder: another program's module of that name is forgotten."""
    assert model.factory is not None
    name = model.factory.partition(":")[0].partition(".")[0]
    here = (Path(model.base) / name).exists() or (Path(model.base) / f"{name}.py").exists()
    known = sys.modules.get(name)
    if here and known is not None and not str(getattr(known, "__file__", None) or "").startswith(model.base):
        for other in [other for other in sys.modules if other.partition(".")[0] == name]:
            del sys.modules[other]
    sys.path.insert(0, model.base)
    try:
        return _load(model, model.factory)
    finally:
        sys.path.remove(model.base)


def _load(model: plan.Model, target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise ModelSetupError(f"model `{model.name}`: cannot import `{target}`: {excerpt(error)}") from error
    return found


def _value(model: plan.Model, setting: str, value: object) -> object:
    """``value`` with what stands in the environment filled in."""
    if isinstance(value, dict):
        return {name: _value(model, f"{setting}.{name}", inner) for name, inner in value.items()}
    if not isinstance(value, plan.Secret):
        return value
    text = os.environ.get(value.name)
    if text is None:
        raise ModelSetupError(
            f"model `{model.name}` needs the environment variable `{value.name}` for `{setting}`, and it is not set"
        )
    text = text.strip()
    if setting not in NUMBERS:
        return text
    try:
        return NUMBERS[setting](text)
    except ValueError:
        pass
    raise ModelSetupError(
        f"model `{model.name}`: the environment variable `{value.name}` for `{setting}` does not hold a number"
    )


def _check_settings(model: plan.Model, make: Callable[..., Any], settings: Mapping[str, object]) -> None:
    """Compare the settings with the parameters of the provider, where it tells them."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except ValueError:
        return
    required = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    for name in required:
        if name not in settings:
            raise ModelSetupError(f"model `{model.name}` needs the setting `{name}` for provider `{model.provider}`")
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        known = {p.name for p in parameters}
        for name in settings:
            if name not in known:
                raise ModelSetupError(
                    f"model `{model.name}`: provider `{model.provider}` has no setting `{name}`; "
                    f"it has {', '.join(sorted(known))}"
                )
