"""Which models cost money, and which are elsewhere.

In: models. Out: whether one has a price, or a server that is known to bill; whether it is asked over the network, and
of another machine.
"""

from __future__ import annotations

import re

from apwa_lang.lint.subject import Prompt
from apwa_lang.semantics.models import ANTHROPIC_URL, OPENAI_URL
from apwa_lang.semantics.program import Model

HERE = re.compile(r"https?://(localhost|127\.[\d.]+|\[::1\]|host\.docker\.internal)(?=[:/]|$)")
"""The beginning of an address of this machine."""
PRIVATE = re.compile(
    HERE.pattern
    + r"|http://([\w-]+|[\w.-]+\.(local|internal|lan)|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+)(?=[:/]|$)"
)
"""The beginning of an address of this machine or of a private network."""
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


def is_outside(model: Model) -> bool:
    """Whether what a model is asked leaves this machine, as far as the program says."""
    address = dict(model.settings).get("base_url")
    return is_server(model) and not (isinstance(address, str) and HERE.match(address))
