"""The software that a run rests on, and workers that have other versions of it.

In: the packages that Python bodies import. Out: name and version of everything that must agree, and a RunError that
names the first worker where something does not. A worker that joins later looks for itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from apwa_runtime.errors import RunError

Versions = dict[str, str | None]

PYTHON = "Python"
_OURS = ("apwa-lang", "dask", "distributed", "pyarrow", "pydantic")


def demanded(imported: Iterable[str]) -> Versions:
    """What workers must have: Python's minor version, our own packages, and those behind the imported modules."""
    names = set(imported)
    # Reading what is installed takes half a second.
    installed = packages_distributions() if names else {}
    packages = {package for module in names for package in installed.get(module, ())}
    return found((PYTHON, *_OURS, *sorted(packages - {*_OURS})))


def found(names: Iterable[str]) -> Versions:
    """The versions that this process has; None for what is not installed."""
    return {name: _version(name) for name in names}


def difference(demanded: Versions, offered: Mapping[str, str | None]) -> str | None:
    """The first package that is not the same, in words; None where all are."""
    for name, wanted in demanded.items():
        if offered.get(name) != wanted:
            has = f"has {name} {offered[name]}" if offered.get(name) else f"has no {name}"
            return f"{has}, and this run needs {wanted}"
    return None


def check_workers(client: Any, demanded: Versions) -> None:
    """Ask every worker. Raises RunError, with the worker's name, both versions and what to do."""
    answers = client.run(found, list(demanded), on_error="return")
    workers = client.scheduler_info(n_workers=-1)["workers"]
    for address, offered in answers.items():
        if address not in workers:
            continue
        if isinstance(offered, BaseException):
            problem: str | None = f"cannot run apwa-lang ({type(offered).__name__}: {offered})"
        else:
            problem = difference(demanded, offered)
        if problem:
            worker = shown(workers.get(address, {}).get("name"), address)
            raise RunError(f"worker {worker} {problem}; install the same versions on every worker")


def shown(name: object, address: str) -> str:
    """A worker as people know it."""
    return address if name is None or str(name) == address else f"{name} ({address})"


def _version(name: str) -> str | None:
    if name == PYTHON:
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        return version(name)
    except PackageNotFoundError:
        return None
