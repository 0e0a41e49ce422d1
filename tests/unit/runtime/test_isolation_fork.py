"""How the end of a call's process is seen, with descriptors of processes and without."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from apwa_runtime.isolation.fork import Process


@pytest.fixture(params=["descriptor", "looking"])
def no_descriptor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    if request.param == "looking":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("this system has no descriptors of processes")
    yield request.param == "looking"


def start(script: str) -> int:
    return os.posix_spawnp("sh", ["sh", "-c", script], dict(os.environ))


def wait(process: Process) -> None:
    poller = select.poll()
    if process.descriptor is not None:
        poller.register(process.descriptor, select.POLLIN)
    while not process.is_over(dict(poller.poll(process.pause(None)))):
        pass


def test_an_end_is_seen_with_its_exit_code(no_descriptor: bool) -> None:
    with Process(start("exit 3")) as process:
        assert (process.descriptor is None) == no_descriptor
        wait(process)
        assert process.end() == 3


def test_a_process_that_goes_on_is_killed(no_descriptor: bool) -> None:
    with Process(start("exec sleep 600")) as process:
        assert not process.is_over(())
        assert process.end() == -9
        assert process.end() == -9
