"""What a Python body may do that it should not, one function for each deed, and what its neighbours then see.

Copied beside a program, where ``act`` is the body of its task.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

COUNT = 0
LATE = "late.txt"


class Shared:
    attribute = "fresh"


def act(item: Any) -> dict[str, object]:
    """Look around, then do the deed of the item."""
    seen = {
        "count": COUNT,
        "attribute": Shared.attribute,
        "variable": os.environ.get("DEED", ""),
        "listing": ",".join(path.name for path in Path().iterdir()),
        "folder": "scratch" if Path.cwd().parent.parent.name.startswith("apwa-scratch-") else str(Path.cwd()),
        "threads": threading.active_count(),
        "random": random.getstate()[1][0] == FIXED,
    }
    globals().get(item.deed, nothing)(SimpleNamespace(base=Path(item.base)))
    return seen


random.seed(1)
FIXED = random.getstate()[1][0]


def nothing(at: Any) -> None:
    pass


def absolute(at: Any) -> None:
    (at.base / "evil.txt").write_text("x")


def published(at: Any) -> None:
    (at.base / "out" / "precious.txt").write_text("x")


def remove_published(at: Any) -> None:
    (at.base / "out" / "precious.txt").unlink()


def rename_published(at: Any) -> None:
    (at.base / "out" / "precious.txt").rename("mine.txt")


def upwards(at: Any) -> None:
    Path("../../../evil.txt").write_text("x")


def neighbour(at: Any) -> None:
    (Path.cwd().parent / "neighbour").mkdir()


def through_link(at: Any) -> None:
    Path("link").symlink_to(at.base)
    Path("link/evil.txt").write_text("x")


def module_state(at: Any) -> None:
    global COUNT
    COUNT += 1
    Shared.attribute = "changed"
    random.seed(7)


def environment(at: Any) -> None:
    os.environ["DEED"] = "done"
    os.chdir("/")


def thread(at: Any) -> None:
    threading.Thread(target=time.sleep, args=(600,)).start()


def _write_late(at: Any) -> str:
    return f"sleep 600 && echo x > '{at.base / LATE}'"


def background(at: Any) -> None:
    subprocess.Popen(["sh", "-c", _write_late(at)])


def daemon(at: Any) -> None:
    between = os.fork()
    if between == 0:
        os.setsid()
        if os.fork() == 0:
            os.execlp("sh", "sh", "-c", _write_late(at))
        os._exit(0)
    os.waitpid(between, 0)


def second_answer(at: Any) -> None:
    os.fork()


def exits(at: Any) -> None:
    os._exit(3)


def kills_itself(at: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kills_parent(at: Any) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def fills_scratch(at: Any) -> None:
    for number in range(200):
        Path(f"fill-{number}").write_bytes(b"x" * 10_000)


def connects(at: Any) -> None:
    import socket

    socket.create_connection(("127.0.0.1", 9))


def late(at: Any) -> None:
    time.sleep(600)
