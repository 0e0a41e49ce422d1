"""A cluster of any Dask class, started for one run and closed at its end.

In: a name, and the keyword settings under it in `apwa.toml`. Out: a running cluster with a worker at least. Beside the
keywords of the class, `class` says which it is where the name does not, `adapt` has it grow and shrink, and `wait` is
how many seconds the first worker may take.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

from distributed import LocalCluster, Nanny, Worker

from apwa_lang.diagnostics.suggest import suggestion
from apwa_runtime.clusters.settings import ClusterSettings
from apwa_runtime.errors import RunError
from apwa_runtime.patience import within

_QUEUES = ("SLURM", "PBS", "SGE", "LSF", "Moab", "OAR", "HTCondor")
CLASSES = {
    "local": "distributed.LocalCluster",
    "ssh": "distributed.SSHCluster",
    "kubernetes": "dask_kubernetes.operator.KubeCluster",
    "cuda": "dask_cuda.LocalCUDACluster",
    **{queue.lower(): f"dask_jobqueue.{queue}Cluster" for queue in _QUEUES},
}
_LOOPBACK = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
_WAIT = 600.0
_SOON = 3.0
# Seconds that a cluster has to end its workers.
_CLOSING = 60.0


@dataclass(frozen=True, slots=True)
class Started:
    """A running cluster, and how many workers it is to have: at most, where it adapts.

    ``adapt`` has it begin to adapt; until then the workers stay that are there.
    """

    cluster: Any
    workers: int
    adapt: Callable[[], None]


@contextmanager
def named(name: str, settings: ClusterSettings) -> Iterator[Started]:
    """Start the cluster ``name``. Raises RunError, in one line that says what to mend."""
    keywords = dict(settings.named.get(name, {}))
    place = settings.place(name)
    adapt = _adaptive(keywords.pop("adapt", None), place)
    wait = keywords.pop("wait", _WAIT)
    if isinstance(wait, bool) or not isinstance(wait, int | float) or wait <= 0:
        raise RunError(f"{place}: `wait` is a number of seconds, not {wait!r}")
    kind = _class_of(name, keywords.pop("class", name), settings)
    if isinstance(kind, type) and issubclass(kind, LocalCluster):
        _check_keywords(name, kind, keywords, place)
        keywords = {**_loopback(keywords), **keywords}
    cluster = _started(name, kind, keywords, place)
    try:
        planned = _planned(cluster)
        if not planned and adapt is None:
            raise RunError(
                f"cluster `{name}` starts no workers: set `n_workers`, or `adapt = {{ minimum = 0, maximum = 10 }}`, "
                f"under {place}"
            )
        if not planned:
            cluster.scale(max(1, int(adapt.get("minimum", 1)) if adapt else 1))
        _await_worker(name, cluster, float(wait), place)
        most = adapt.get("maximum", adapt.get("maximum_jobs", 0)) if adapt else 0
        yield Started(cluster, max(planned or 0, int(most)), lambda: _adapt_now(name, cluster, adapt, place))
    finally:
        within(_CLOSING, cluster.close)


def _adaptive(value: object, place: str) -> dict[str, Any] | None:
    if value is None:
        return None
    wanted = f"{place}: write `adapt = {{ minimum = 0, maximum = 10 }}`"
    if not isinstance(value, dict):
        raise RunError(wanted)
    most = value.get("maximum", value.get("maximum_jobs"))
    if not isinstance(most, int) or most < 1:
        raise RunError(f"{wanted}; a run needs the `maximum` to know how much work to offer at a time")
    least = value.get("minimum", value.get("minimum_jobs", 0))
    if not isinstance(least, int) or not 0 <= least <= most:
        raise RunError(f"{wanted}; the `minimum` lies between 0 and the `maximum`")
    return value


def _class_of(name: str, path: object, settings: ClusterSettings) -> Any:
    """The class; ``path`` is a short name or the class with its module."""
    if not isinstance(path, str):
        raise RunError(f'cluster `{name}`: `class` is a text, such as "package.Class", under {settings.place(name)}')
    path = CLASSES.get(path, path)
    module, _, attribute = path.replace(":", ".").rpartition(".")
    if not module:
        known = sorted({*CLASSES, *settings.named})
        raise RunError(
            f"there is no cluster `{name}`; "
            + (suggestion(name, known) or f"the names are {', '.join(known)}")
            + f'; or write `class = "package.Class"` under {settings.place(name)}'
        )
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if error.name != top:
            raise RunError(f"cluster `{name}`: {module} cannot be imported: {error}") from None
        raise RunError(
            f"cluster `{name}` is {path}, and {top} is not installed: `pip install {top.replace('_', '-')}`"
        ) from None
    except AttributeError:
        raise RunError(f"cluster `{name}`: there is no class `{attribute}` in {module}") from None
    except ImportError as error:
        raise RunError(f"cluster `{name}`: {module} cannot be imported: {error}") from None
    if not callable(kind):
        raise RunError(f"cluster `{name}`: {path} is not a class")
    return kind


def _check_keywords(name: str, kind: type, keywords: Mapping[str, object], place: str) -> None:
    """A local cluster hands what it does not know on to its workers' processes, where the mistake would come up."""
    takers = {*kind.__mro__, *Nanny.__mro__, *Worker.__mro__} - {object}
    known = {parameter for taker in takers for parameter in signature(taker).parameters}
    for keyword in keywords.keys() - known:
        near = suggestion(keyword, known)
        raise RunError(f"{place}: {kind.__name__} has no setting `{keyword}`" + (f"; {near}" if near else ""))


def _loopback(keywords: Mapping[str, object]) -> dict[str, str]:
    """Where a local cluster listens unless told otherwise; in this process it speaks through memory."""
    chosen = dict(_LOOPBACK)
    if keywords.get("processes") is False or keywords.keys() & {"interface", "ip"}:
        del chosen["host"]
    return chosen


def _started(name: str, kind: Any, keywords: dict[str, object], place: str) -> Any:
    try:
        with warnings.catch_warnings():
            # Where its dashboard listens instead is nothing that a run has to tell.
            warnings.filterwarnings("ignore", message="Port .* is already in use")
            return kind(**keywords)
    except ImportError as error:
        raise RunError(f"cluster `{name}` needs another package: {_line(error)}") from None
    except Exception as error:
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if unknown:
            raise RunError(f"{place}: {kind.__name__} has no setting `{unknown[1]}`") from None
        raise RunError(f"cluster `{name}` could not be started: {_line(error)}; its settings are {place}") from None


def _planned(cluster: Any) -> int | None:
    """How many workers were asked for; None where the class does not tell."""
    plan = getattr(cluster, "plan", None)
    return len(plan) if isinstance(plan, set | dict | list | frozenset) else None


def _await_worker(name: str, cluster: Any, seconds: float, place: str) -> None:
    for timeout in (_SOON, seconds):
        try:
            cluster.wait_for_workers(1, timeout=timeout)
            return
        except TimeoutError:
            if timeout == _SOON:
                print(f"waiting for the first worker of cluster `{name}`, {seconds:g} s at most", file=sys.stderr)
    raise RunError(
        f"cluster `{name}` has no worker after {seconds:g} s; look at its queue and logs, or set `wait` under {place}"
    )


def _adapt_now(name: str, cluster: Any, adapt: dict[str, Any] | None, place: str) -> None:
    if adapt is None:
        return
    try:
        cluster.adapt(**adapt)
    except (TypeError, ValueError) as error:
        raise RunError(f"cluster `{name}` cannot adapt: {_line(error)}; see `adapt` under {place}") from None


def _line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
