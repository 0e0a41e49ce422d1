"""From a model of the plan to a client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from apwa_compiler.plan import Model, Rate, Secret
from apwa_runtime.models.protocol import Message, ModelSetupError, Request
from apwa_runtime.models.registry import make_client
from tests.support.model_server import model_server

SECRET = Secret("APWA_TEST_KEY", hidden=True)


def model(provider: str = "openai", factory: str | None = None, **settings: object) -> Model:
    return Model("small", provider, factory, tuple(settings.items()))


def test_secrets_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server(api_key="abc-123-xyz") as server:
        monkeypatch.setenv("APWA_TEST_KEY", "abc-123-xyz\n")
        monkeypatch.setenv("APWA_TEST_URL", server.url)
        monkeypatch.setenv("APWA_TEST_SEED", "12")
        client = make_client(
            model(
                name="test",
                base_url=Secret("APWA_TEST_URL", hidden=False),
                api_key=SECRET,
                seed=Secret("APWA_TEST_SEED", hidden=False),
                headers={"X-Key": SECRET},
                rate=Rate(600, 60.0),
                price={"input": 0.1, "output": 0.2},
            )
        )

        async def work() -> str:
            answer = await client.complete(Request((Message("user", "[echo yes]"),)))
            await client.close()
            return answer.text

        assert asyncio.run(work()) == "yes"
        [seen] = server.requests()
    assert seen["body"]["seed"] == 12
    assert "X-Key: abc-123-xyz\r\n" in seen["head"]


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APWA_TEST_KEY", raising=False)
    with pytest.raises(ModelSetupError, match="model `small` needs the environment variable `APWA_TEST_KEY`"):
        make_client(model(name="test", base_url="http://localhost/v1", api_key=SECRET))


@pytest.mark.parametrize("setting", ["seed", "base_url", "api_key"])
def test_what_a_variable_holds_is_not_told(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv("APWA_TEST_KEY", "not\tfit-for-8842")
    settings: dict[str, Any] = {"name": "test", "base_url": "http://localhost/v1", setting: SECRET}
    with pytest.raises(ModelSetupError, match=setting) as caught:
        make_client(model(**settings))
    error: BaseException | None = caught.value
    while error is not None:
        assert "8842" not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (model("oracle"), "there is no provider `oracle`"),
        (model(name="test"), "needs the setting `base_url`"),
        (model(name="test", base_url="nowhere"), "model `small`: `base_url` must look like"),
        (model("local", base_url="http://localhost"), "provider `local` has no setting `base_url`; it has concurrency"),
        (model("python", "nowhere_at_all:make"), "cannot import `nowhere_at_all:make`"),
    ],
)
def test_a_model_that_cannot_be_made_says_why(wrong: Model, said: str) -> None:
    with pytest.raises(ModelSetupError, match=said):
        make_client(wrong)


def test_a_factory_that_makes_no_function_is_refused() -> None:
    with pytest.raises(ModelSetupError, match="`types:SimpleNamespace` made no function to ask"):
        make_client(model("python", "types:SimpleNamespace", flavour="mild"))
