"""One child process and its calls: what lasts from one call to the next, and what never does."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apwa_lang.semantics.types import INT, STR, Field, RecordType
from apwa_runtime.isolation import landlock
from apwa_runtime.isolation.host import FatalError, PythonHost
from apwa_runtime.isolation.messages import Reply, Request, Setup

NUMBER = RecordType("Number", (Field("n", INT),))
MODULE = """
import os, sys, tempfile, threading, time
STARTED = os.getpid()
COUNT = 0
{on_import}

def count(number):
    global COUNT
    COUNT += 1
    return {{"n": COUNT}}

def depth(number):
    return {{"n": int(os.getpid() != STARTED)}}

def temporary(number):
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    return {{"n": len(os.listdir())}}

def wait(number):
    time.sleep(number.n)
    return {{"n": 0}}

def big(number):
    return "x" * number.n

def answer_twice(number):
    other = os.fork()
    if other:
        os.waitpid(other, 0)
    return {{"n": int(other == 0)}}

def kill_parent(number):
    os.kill(os.getppid(), 9)
    time.sleep(60)

def complain(number):
    print("first", number.n, file=sys.stderr)
    os._exit(number.n)
"""


@pytest.fixture
def scratch() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def host(tmp_path: Path, scratch: str, function: str, own: bool = True, on_import: str = "") -> PythonHost:
    (tmp_path / "counted.py").write_text(MODULE.format(on_import=on_import))
    return PythonHost(Setup(f"counted:{function}", str(tmp_path), (("number", NUMBER),), NUMBER, own), scratch)


def call(child: PythonHost, n: int = 0, timeout: float | None = 60.0) -> Reply:
    return child.call(Request({"number": {"n": n}}, tempfile.mkdtemp(dir=child.home), timeout=timeout))


@pytest.mark.parametrize(("own", "counts"), [(True, [1, 1, 1]), (False, [1, 2, 3])], ids=["own", "shared"])
def test_state_lasts_in_a_shared_process_only(tmp_path: Path, scratch: str, own: bool, counts: list[int]) -> None:
    child = host(tmp_path, scratch, "count", own)
    assert [call(child).value["n"] for _ in counts] == counts
    child.close()


@pytest.mark.parametrize(("own", "forked"), [(True, 1), (False, 0)], ids=["own", "shared"])
def test_only_calls_of_their_own_are_forked(tmp_path: Path, scratch: str, own: bool, forked: int) -> None:
    child = host(tmp_path, scratch, "depth", own)
    assert call(child).value == {"n": forked}
    child.close()


def test_temporary_files_lie_in_the_scratch_folder(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "temporary")
    assert [call(child).value["n"] for _ in range(2)] == [1, 1]
    child.close()


def test_an_answer_larger_than_a_pipe_arrives_whole(tmp_path: Path, scratch: str) -> None:
    (tmp_path / "counted.py").write_text(MODULE.format(on_import=""))
    child = PythonHost(Setup("counted:big", str(tmp_path), (("number", NUMBER),), STR), scratch)
    assert call(child, 3_000_000).value == "x" * 3_000_000
    child.close()


def test_only_the_process_that_was_asked_answers(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "answer_twice")
    assert [call(child).value for _ in range(3)] == [{"n": 0}] * 3
    child.close()


def test_a_late_call_ends_and_the_child_stays(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "wait")
    call(child)
    process = child._process
    assert call(child, 60, timeout=0.3).error == "timed out after 0.3 s"
    assert call(child).value == {"n": 0}
    assert child._process is process
    child.close()


def test_a_late_call_of_a_shared_process_ends_it(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "wait", own=False)
    assert call(child, 60, timeout=0.3).error == "timed out after 0.3 s"
    assert call(child).value == {"n": 0}
    child.close()


def test_what_a_call_prints_is_told_of_that_call_only(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "complain")
    assert [call(child, n).error for n in (3, 4)] == [
        f"its process ended with exit code {n}: first {n}" for n in (3, 4)
    ]
    child.close()


def test_a_child_that_is_killed_is_started_anew(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "count")
    call(child)
    assert child._process is not None
    os.kill(child._process.pid, signal.SIGKILL)
    assert call(child).error == "its process was killed by SIGKILL"
    assert call(child).value == {"n": 1}
    child.close()


def test_without_landlock_a_call_may_kill_its_parent_and_costs_that_call(
    tmp_path: Path, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(landlock.SWITCH, "off")
    child = host(tmp_path, scratch, "kill_parent")
    assert [call(child).error for _ in range(2)] == ["its process was killed by SIGKILL"] * 2
    child.close()


def test_threads_that_the_module_starts_are_counted(tmp_path: Path, scratch: str) -> None:
    on_import = "threading.Thread(target=threading.Event().wait, daemon=True).start()"
    child = host(tmp_path, scratch, "count", on_import=on_import)
    assert call(child).value == {"n": 1}
    assert child.threads == 1
    child.close()


def test_a_process_that_the_module_starts_stays(tmp_path: Path, scratch: str) -> None:
    on_import = "import subprocess; SLEEPING = subprocess.Popen(['sleep', '600'])"
    child = host(tmp_path, scratch, "count", on_import=on_import)
    assert [call(child).left for _ in range(2)] == [0, 0]
    child.close()


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_a_module_that_writes_on_import_is_told(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "count", on_import=f"open({str(tmp_path / 'log')!r}, 'w')")
    with pytest.raises(FatalError, match=r"could not be imported: `counted:count` tried to write to `.*/log`"):
        call(child)
    child.close()


def test_nothing_is_left_when_it_is_closed(tmp_path: Path, scratch: str) -> None:
    child = host(tmp_path, scratch, "wait", own=False)
    assert call(child, 0).value == {"n": 0}
    assert child._process is not None
    pid = child._process.pid
    child.close()
    assert not Path(f"/proc/{pid}").exists()
    assert os.listdir(scratch) == []  # noqa: PTH208
