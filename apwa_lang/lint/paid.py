"""Which models cost money.

In: models. Out: whether one has a price, or a server that is known to bill.
"""

from __future__ import annotations

from apwa_lang.lint.subject import Prompt
from apwa_lang.semantics.models import ANTHROPIC_URL, OPENAI_URL
from apwa_lang.semantics.program import Model

_BILLING = (OPENAI_URL, ANTHROPIC_URL)


def paid_model(prompt: Prompt) -> Model | None:
    """The first model of a task that costs money, or None."""
    return next((model for model in prompt.models if is_paid(model)), None)


def is_paid(model: Model) -> bool:
    """Whether a model has a price that is not 0, or a server that bills."""
    settings = dict(model.settings)
    price = settings.get("price")
    if isinstance(price, dict):
        return any(price.values())
    return settings.get("base_url") in _BILLING


def is_server(model: Model) -> bool:
    """Whether a model is asked over the network."""
    return model.provider in ("openai", "anthropic")
