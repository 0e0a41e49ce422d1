"""What a process may read that must not read the files of the user: Python, its packages, the system, its own modules.

In: the modules of a function. Out: paths, for :func:`apwa_runtime.isolation.landlock.confine`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt", "/nix", "/dev", "/sys"),
    # Of processes its own only: root may read the environment of all others, keys of models among it.
    *("/proc/self", "/proc/sys", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime"),
    *("/proc/version", "/proc/filesystems"),
    *("/run/systemd/resolve", "/run/resolvconf"),
    # Of the settings of the machine those that say how to find hosts, certificates, libraries and the time.
    *("/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services"),
    *("/etc/protocols", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/localtime", "/etc/timezone"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/mime.types"),
)


def readable(base: str, own: Iterable[str]) -> tuple[str, ...]:
    """The paths for a function whose modules lie below ``base``, under the names ``own``."""
    found = {*_SYSTEM, sys.prefix, sys.base_prefix}
    for entry in sys.path:
        if entry and os.path.isabs(entry):  # noqa: PTH117 (paths stay text)
            found.update(_below(entry, base))
    return (*sorted(found), *(f"{base}/{name}" for name in own))


def _below(entry: str, base: str) -> Iterator[str]:
    """A folder of modules; where the program lies below it, no more of it than what is imported."""
    real = os.path.realpath(entry)
    if not f"{os.path.realpath(base)}/".startswith(f"{real}/"):
        yield entry
        return
    for module in list(sys.modules.values()):
        file = os.path.realpath(str(getattr(module, "__file__", None) or ""))
        if file.startswith(f"{real}/"):
            top = Path(real, file[len(real) + 1 :].split("/")[0])
            if not f"{os.path.realpath(base)}/".startswith(f"{top}/"):
                yield str(top)
