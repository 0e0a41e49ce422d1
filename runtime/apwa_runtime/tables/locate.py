"""Where tables lie: paths, globs and URLs.

In: a path, a glob, or any URL that fsspec knows. Out: the files, in order of their normalised path, ready to be
opened. Passwords and query strings of URLs are kept out of every message.
"""

from __future__ import annotations

import glob
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from apwa_runtime.tables.problems import TableError

_MAGIC = re.compile(r"[*?[]")
_LOGIN = re.compile(r"//[^/@\s]*@")
_QUERY = re.compile(r"\?[^\s'\"`]*")

# What a damaged or unreachable file raises while it is read.
READ_ERRORS = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a table; ``path`` is absolute or a URL."""

    path: str

    @property
    def name(self) -> str:
        """How people are told of it."""
        return display(self.path)

    @property
    def zipped(self) -> bool:
        """Whether its suffix says gzip."""
        return self.path.endswith(".gz")

    @contextmanager
    def opened(self, *, unzip: bool = True) -> Iterator[IO[bytes]]:
        """The bytes of the file, unzipped. Raises TableError, also for what goes wrong while it is read."""
        with reading(self.path), self._raw() as raw:
            if unzip and self.zipped:
                with gzip.GzipFile(fileobj=raw) as unzipped, io.BufferedReader(cast(io.RawIOBase, unzipped)) as lines:
                    yield lines
            else:
                yield raw

    def size(self) -> int:
        """Bytes as stored. Raises TableError."""
        with reading(self.path):
            if not is_url(self.path):
                return Path(self.path).stat().st_size
            files, path = filesystem(self.path)
            return int(files.size(path) or 0)

    def _raw(self) -> Any:
        if not is_url(self.path):
            return Path(self.path).open("rb")
        files, path = filesystem(self.path)
        return files.open(path, "rb")


def find(path: str) -> list[File]:
    """The files of ``path``, a file, a folder's glob or a URL. Raises TableError where there is none."""
    if is_url(path):
        return _find_remote(path)
    if not _MAGIC.search(path) or Path(path).exists():
        return [File(path)]
    found = {os.path.normpath(match) for match in expand(path)}
    if not found:
        raise no_match(path)
    return [File(match) for match in sorted(found)]


def expand(pattern: str, base: str | None = None) -> Iterator[str]:
    """The files that match, ``**`` standing for any folders and ``*`` for no hidden file; not in order."""
    # pathlib's own glob sees hidden files and takes `**` for folders only.
    matches = glob.iglob(pattern, root_dir=base, recursive=True)  # noqa: PTH207
    return (match for match in matches if Path(base or "", match).is_file())


def no_match(path: str) -> TableError:
    """No file matches a glob: says the pattern, and the folder that was searched or is missing."""
    fixed = _MAGIC.split(path, maxsplit=1)[0].rpartition("/")[0] or "/"
    pattern = path[len(fixed) :].lstrip("/")
    missing = "" if is_url(path) or Path(fixed).is_dir() else ", which does not exist"
    return TableError(f"no file matches `{display(pattern)}` in `{display(fixed)}`{missing}")


def is_url(path: str) -> bool:
    """Whether fsspec has to open it."""
    return "://" in path


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL and the path in it."""
    from fsspec.core import url_to_fs

    return cast(tuple[Any, str], url_to_fs(url))


def display(path: str) -> str:
    """A path as people are told of it: relative below the working folder, URLs without passwords and queries."""
    path = path.encode(errors="backslashreplace").decode()
    if is_url(path):
        return _clean(path)
    here = str(Path.cwd())
    return path.removeprefix(f"{here}/") if path.rstrip("/") != here else "."


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turn what goes wrong in reading ``path`` into a TableError."""
    try:
        yield
    except TableError:
        raise
    except FileNotFoundError:
        raise TableError(f"`{display(path)}` does not exist") from None
    except READ_ERRORS as error:
        raise TableError(f"`{display(path)}` cannot be read: {reason(error)}") from None
    except Exception as error:
        # What a remote file system raises is its own affair; a mistake of ours must stay a traceback.
        if not is_url(path):
            raise
        raise TableError(f"`{display(path)}` cannot be read: {reason(error)}") from None


def reason(error: BaseException) -> str:
    """What an exception says, in one line without secrets."""
    text = (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(error).__name__
    return _clean(text.strip().splitlines()[0])


def _clean(text: str) -> str:
    return _QUERY.sub("?…", _LOGIN.sub("//", text)) if "://" in text else text


def _find_remote(url: str) -> list[File]:
    head = url.split("?", 1)[0] if url.startswith(("http://", "https://")) else url
    if not _MAGIC.search(head):
        return [File(url)]
    with reading(url):
        files, path = filesystem(url)
        found = sorted(files.unstrip_protocol(match) for match in files.glob(path))
    if not found:
        raise no_match(url)
    return [File(match) for match in found]
