"""Save a table: the whole of it, or nothing.

In: record batches in order and where they belong. Out: a file, or for a path that ends in ``/`` a folder of parts.
Files are written under a temporary name beside their place and renamed when they are whole and on disk; equal rows
give equal bytes however they were batched.
"""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.formats.writers import WRITERS
from apwa_runtime.tables.locate import filesystem, is_url, reason
from apwa_runtime.tables.options import format_of
from apwa_runtime.tables.problems import TableError
from apwa_runtime.values.arrow import arrow_schema

BATCH_ROWS = 16_384
BATCH_BYTES = 32 << 20
BATCHES_PER_PART = 8
_PART = re.compile(r"part-\d{5,}\.\w+")


@dataclass(frozen=True, slots=True)
class SavedTable:
    """What was written where; ``bytes`` in all parts together."""

    path: str
    rows: int
    bytes: int


def write_table(
    batches: Iterable[Any], record: RecordType, path: str, format: str = "", mark: str | None = None
) -> SavedTable:
    """Write the rows of ``batches`` (of ``arrow_schema(record)``) to ``path``, a local path or a URL.

    The format is that of the suffix where none is given, parquet for parts. ``mark`` is part of the temporary name: who
    comes again with the same takes up what a crash has left. Raises TableError, whose text is the reason
    alone, and whatever ``batches`` raises; either way what was at ``path`` before is still there.
    """
    counted = _Counted(batches)
    parts = path.endswith("/")
    named = format or ("parquet" if parts else "")
    kind = format_of(path, named)
    even = _even(iter(counted), arrow_schema(record))

    def write(target: Path) -> None:
        if parts:
            _write_parts(even, record, target, kind)
        else:
            _write_file(even, record, target, kind, zipped=path.endswith(".gz"))

    try:
        size = _save_remote(path, write) if is_url(path) else _save_local(path, write, mark or uuid.uuid4().hex[:12])
    except (OSError, pa.ArrowException) as error:
        if error is counted.error:
            raise
        if isinstance(error, OSError):
            raise TableError(_disk(error)) from None
        raise TableError(f"{kind} cannot hold these rows: {reason(error)}") from None
    return SavedTable(path, counted.rows, size)


class _Counted:
    """Batches, counting their rows; what their maker raises is not mistaken for trouble with the disk."""

    def __init__(self, batches: Iterable[Any]) -> None:
        self._batches = batches
        self.rows = 0
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[Any]:
        try:
            for batch in self._batches:
                self.rows += batch.num_rows
                yield batch
        except Exception as error:
            self.error = error
            raise


def _even(batches: Iterator[Any], schema: Any) -> Iterator[Any]:
    """The same rows in batches of ``BATCH_ROWS``, the last one smaller, and smaller ones where the rows are large."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        offset = 0
        while rows + batch.num_rows - offset >= BATCH_ROWS:
            waiting.append(batch.slice(offset, BATCH_ROWS - rows))
            offset += BATCH_ROWS - rows
            yield from _light(waiting, schema)
            waiting, rows = [], 0
        if offset < batch.num_rows:
            waiting.append(batch.slice(offset))
            rows += batch.num_rows - offset
    if waiting:
        yield from _light(waiting, schema)


def _light(batches: list[Any], schema: Any) -> Iterator[Any]:
    """The rows as one batch, or as several of at most ``BATCH_BYTES`` of text, cut as the rows alone say."""
    table = pa.Table.from_batches(batches, schema)
    weights = _text_bytes(table)
    if sum(weights) <= BATCH_BYTES:
        yield _joined(batches, schema)
        return
    start = held = 0
    for place, weight in enumerate(weights):
        if place > start and held + weight > BATCH_BYTES:
            yield _joined(table.slice(start, place - start).to_batches(), schema)
            start, held = place, 0
        held += weight
    yield _joined(table.slice(start).to_batches(), schema)


def _text_bytes(table: Any) -> list[int]:
    """The bytes of text in each row; what is nested does not count."""
    texts = [column for column in table.columns if column.type in (pa.large_string(), pa.large_binary())]
    total = pa.chunked_array([pa.repeat(pa.scalar(0, pa.int64()), table.num_rows)])
    for column in texts:
        total = pc.add(total, pc.fill_null(pc.binary_length(column), 0))
    return total.to_pylist()  # type: ignore[no-any-return]


def _joined(batches: list[Any], schema: Any) -> Any:
    # A second chunk, though empty, makes Arrow copy: the bytes of a slice depend on what it was cut from.
    empty = pa.RecordBatch.from_pylist([], schema)
    return pa.Table.from_batches([empty, *batches], schema).combine_chunks().to_batches()[0]


def _write_parts(batches: Iterator[Any], record: RecordType, folder: Path, format: str) -> None:
    folder.mkdir()
    for index in range(1 << 30):
        first = next(batches, None)
        if first is None and index > 0:
            return
        some = chain([first], islice(batches, BATCHES_PER_PART - 1)) if first is not None else iter(())
        _write_file(some, record, folder / f"part-{index:05}.{format}", format, zipped=False)


def _write_file(batches: Iterator[Any], record: RecordType, path: Path, format: str, *, zipped: bool) -> None:
    with path.open("xb") as file:
        if zipped:
            # No name and no time in the header: the bytes depend on the rows alone.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                WRITERS[format](batches, record, cast(IO[bytes], packed))
        else:
            WRITERS[format](batches, record, file)
        file.flush()
        os.fsync(file.fileno())


def _save_local(path: str, write: Callable[[Path], None], mark: str) -> int:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(target.parent / f".{target.name}.{mark}.tmp") as scratch:
        write(scratch)
        size = _size(scratch)
        if scratch.is_dir():
            _sync(scratch)
            _place_folder(scratch, target)
        else:
            scratch.replace(target)
        _sync(target.parent)
    return size


def _place_folder(scratch: Path, target: Path) -> None:
    """Put the parts in place, at once where the folder holds only parts; what else lies there stays."""
    if not target.exists():
        scratch.replace(target)
        return
    old = [entry for entry in target.iterdir() if _PART.fullmatch(entry.name)]
    if len(old) == sum(1 for _ in target.iterdir()):
        aside = scratch.with_suffix(".old")
        target.replace(aside)
        try:
            scratch.replace(target)
        except OSError:
            aside.replace(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)
        return
    new = sorted(scratch.iterdir())
    for part in new:
        part.replace(target / part.name)
    _sync(target)
    kept = {part.name for part in new}
    for part in old:
        if part.name not in kept:
            part.unlink()


def _save_remote(url: str, write: Callable[[Path], None]) -> int:
    with tempfile.TemporaryDirectory(prefix="apwa-") as folder:
        scratch = Path(folder, "saved")
        write(scratch)
        try:
            files, path = filesystem(url.rstrip("/"))
            if scratch.is_dir():
                _upload_parts(files, path, sorted(scratch.iterdir()))
            else:
                files.makedirs(path.rpartition("/")[0], exist_ok=True)
                files.put_file(str(scratch), path)
        except OSError:
            raise
        except Exception as error:
            # What a remote file system raises is its own affair, and is told in its words.
            raise TableError(reason(error)) from None
        return _size(scratch)


def _upload_parts(files: Any, folder: str, parts: list[Path]) -> None:
    files.makedirs(folder, exist_ok=True)
    names = {str(entry).rpartition("/")[2] for entry in files.ls(folder, detail=False)}
    for part in parts:
        files.put_file(str(part), f"{folder}/{part.name}")
    for name in names - {part.name for part in parts}:
        if _PART.fullmatch(name):
            files.rm_file(f"{folder}/{name}")


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """A path at which nothing is, before and after."""
    try:
        _remove(path)
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _sync(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _disk(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EISDIR:
            return "it is a folder; end the path in `/` to write parts into it"
        case errno.ENOTDIR | errno.EEXIST:
            return "a part of the path is a file, not a folder"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{reason(error).lower()}: you may not write there"
        case _:
            return reason(error)
