"""What `apwa.toml` says under `[cluster]`: how to reach a scheduler, and the clusters that can be started by name.

In: the folder of a program. Out: entries for Dask's own configuration, and a table of keyword settings for each name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apwa_lang.config import ConfigError, settings_of
from apwa_runtime.errors import RunError

_TLS = "distributed.comm.tls"
# What stands under `[cluster]` itself, and where Dask looks for it; all but the last two are files.
_SECURITY = {
    "tls_ca_file": f"{_TLS}.ca-file",
    "tls_client_cert": f"{_TLS}.client.cert",
    "tls_client_key": f"{_TLS}.client.key",
    "tls_scheduler_cert": f"{_TLS}.scheduler.cert",
    "tls_scheduler_key": f"{_TLS}.scheduler.key",
    "tls_worker_cert": f"{_TLS}.worker.cert",
    "tls_worker_key": f"{_TLS}.worker.key",
    "tls_ciphers": f"{_TLS}.ciphers",
    "require_encryption": "distributed.comm.require-encryption",
}
_NO_FILES = ("tls_ciphers", "require_encryption")


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """``dask`` are entries of Dask's configuration; ``named`` the keyword settings of each cluster."""

    file: Path | None = None
    dask: Mapping[str, object] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def place(self, name: str) -> str:
        """Where the settings of a cluster stand, or would stand."""
        key = name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name)
        return f"`[cluster.{key}]` in {self.file or 'apwa.toml'}"


def cluster_settings(folder: Path) -> ClusterSettings:
    """The settings for a program in ``folder``. Raises RunError."""
    try:
        file, settings = settings_of(folder)
    except ConfigError as error:
        raise RunError(str(error)) from None
    entries = settings.get("cluster", {})
    if file is None:
        return ClusterSettings(file)
    if not isinstance(entries, dict):
        raise RunError(f"`{file}`: `cluster` is a table, `[cluster]`, and not {entries!r}")
    dask: dict[str, object] = {}
    named: dict[str, Mapping[str, object]] = {}
    for name, value in entries.items():
        if isinstance(value, dict):
            named[name] = value
        elif name not in _SECURITY:
            raise RunError(
                f"`{file}`: there is no setting `{name}` under `[cluster]`; it knows {', '.join(_SECURITY)}, and a "
                f"table `[cluster.NAME]` for each cluster"
            )
        else:
            dask[_SECURITY[name]] = value if name in _NO_FILES else _file(file, name, value)
    return ClusterSettings(file, dask, named)


def _file(settings: Path, name: str, value: object) -> str:
    """A path, relative to the settings."""
    if not isinstance(value, str):
        raise RunError(f'`{settings}`: write `{name} = "path"` under `[cluster]`')
    path = settings.parent / value
    if not path.is_file():
        raise RunError(f"`{settings}`: `{name}` is {path}, and there is no such file")
    return str(path)
