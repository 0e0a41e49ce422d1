"""A model that never says the same twice: to the third request with one prompt it answers ``3``."""

from __future__ import annotations

import json
from collections import Counter

from tests.support.model_answers import Json, prompt_of

_asked: Counter[str] = Counter()


def count(body: Json) -> str:
    prompt = prompt_of(body)
    _asked[prompt] += 1
    return json.dumps({"text": str(_asked[prompt])})
