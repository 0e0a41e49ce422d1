"""Landlock, a Linux kernel's way for a process to give up rights for itself and all that it starts, without privilege.

In: a folder. Out: the calling process may write below that folder and to harmless devices, and nowhere else; reading
stays free, unless it is told what may be read. What has no path is as it was: files open already, UDP, the mode and the
times of files.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import stat
import struct
from collections.abc import Iterable

# One number on every architecture that has been added since 2011, and on x86_64.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
MACHINES = ("x86_64", "aarch64")
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVS = 38

_WRITE_FILE = 1 << 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Remove and make folders, files, devices, sockets, pipes and links; these are the rights of the first version.
_CHANGE = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
# Set to ``off``, it runs bodies as on a kernel without Landlock.
SWITCH = "APWA_LANDLOCK"


@functools.cache
def version() -> int:
    """The version of Landlock that the kernel has; 0 where it has none or none that this file knows."""
    if os.environ.get(SWITCH) == "off" or platform.system() != "Linux" or platform.machine() not in MACHINES:
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def confine(folder: str, *, network: bool, readable: Iterable[str] | None = None) -> None:
    """Let this process write below ``folder`` only and, without ``network``, neither open nor accept TCP connections.

    Where ``readable`` paths are given it reads what is below these and ``folder``, and nothing else.
    It is for good, and holds for every process that this one starts. Raises OSError; needs ``version() > 0``.
    """
    abi = version()
    files = _WRITE_FILE | _CHANGE | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
    reads = 0 if readable is None else _READ_FILE | _READ_DIR
    ports = _BIND_TCP | _CONNECT_TCP if abi >= 4 and not network else 0
    scopes = _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0
    words = [files | reads, *([ports] if abi >= 4 else []), *([scopes] if abi >= 6 else [])]
    attributes = struct.pack(f"={len(words)}Q", *words)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _allow(ruleset, [folder], files | reads)
        _allow(ruleset, _DEVICES, files & (_WRITE_FILE | _TRUNCATE))
        if readable is not None:
            _allow(ruleset, readable, reads)
        _libc().prctl(_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0)))
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, paths: Iterable[str], wanted: int) -> None:
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        try:
            # Of a file only what can be done with files may be allowed.
            folder = stat.S_ISDIR(os.fstat(place).st_mode)
            rights = wanted if folder else wanted & (_WRITE_FILE | _READ_FILE | _TRUNCATE)
            rule = struct.pack("=Qi", rights, place)
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(place)


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call. Raises OSError."""
    given = (ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments)
    result = int(_libc().syscall(ctypes.c_long(number), *given))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, errno.errorcode.get(code, "landlock"))
    return result
