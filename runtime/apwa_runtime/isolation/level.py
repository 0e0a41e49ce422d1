"""How far the calls of a body that runs a user's code are kept apart on this machine, in words for people."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

from apwa_compiler.plan import Mcp, Python, Shell, Torch
from apwa_runtime.isolation import landlock

_TCP_SINCE = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """The ``level`` of a body on a worker, the ``threads`` that its module starts, processes ``left`` by its calls."""

    level: str
    threads: int = 0
    left: int = 0


def level(body: Python | Torch | Shell, *, network: bool) -> str:
    """The level reached for a body whose task may use the ``network`` or not."""
    if isinstance(body, Torch):
        return f"one process for all calls of a worker{f' ({body.grounds})' if body.grounds else ''}"
    if isinstance(body, Python) and body.isolation != "own":
        return f"shared process ({body.grounds})"
    return f"own process, {_confinement(network)}"


def level_of_server(server: Mcp, *, network: bool) -> str:
    """The level reached for an MCP server that may use the ``network`` or not."""
    whose = "all sub-problems of a worker" if server.shared else "each sub-problem"
    if server.is_remote:
        return f"a session for {whose}, elsewhere"
    return f"a process for {whose}, {'not confined: it is trusted' if server.trust else _confinement(network)}"


def _confinement(network: bool) -> str:
    version = landlock.version()
    if version:
        lacking = "" if network or version >= _TCP_SINCE else ", which leaves the network open"
        return f"confined by Landlock (ABI {version}{lacking})"
    return f"not confined: {_why_not()}"


def _why_not() -> str:
    if os.environ.get(landlock.SWITCH) == "off":
        return f"{landlock.SWITCH} is off"
    if platform.system() != "Linux":
        return f"{platform.system()} has no Landlock"
    if platform.machine() not in landlock.MACHINES:
        return f"Landlock is not used on {platform.machine()}"
    return "this kernel has no Landlock"
