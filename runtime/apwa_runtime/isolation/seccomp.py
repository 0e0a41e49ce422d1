"""What Landlock leaves open, closed by a seccomp filter: for code that a model has written.

In: nothing. Out: the calling process, and all that it starts, makes no sockets but pairs, signals and traces no other
process, changes no owner, mode or time of a file and no limit, makes no devices, takes no part in namespaces, mounts or
io_uring, holds no more than ``MEMORY`` bytes and writes no file of more than ``FILE``. Such a call fails with EPERM.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterator

MEMORY = 2 * 2**30
FILE = 256 * 2**20

_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050001
# The calls of another ABI of x86_64, which would go round their numbers here.
_X32 = 0x40000000

# By machine: its architecture for audit, `tgkill`, and the calls that are denied.
_MACHINES: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        234,
        (
            *(42, 133, 259, 304, 163, 103, 172, 173, 300),  # connect, mknod, handles, acct, syslog, ports, fanotify
            *(41, 62, 129, 200, 297, 424),  # socket; kill, rt_sigqueueinfo, tkill, rt_tgsigqueueinfo, pidfd_send_signal
            *(101, 310, 311, 312, 438),  # ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd
            *(90, 91, 268, 452, 92, 93, 94, 260),  # chmod, fchmod, fchmodat, fchmodat2, and chown in its forms
            *(132, 235, 261, 280, 188, 189, 190, 197, 198, 199),  # utime in its forms; extended attributes
            *(160, 302, 203, 141, 142, 144, 314),  # setrlimit, prlimit64; affinity, priority, scheduling
            *(165, 166, 155, 161, 272, 308, 428, 429, 430, 431, 432, 433, 442),  # mounts, chroot, unshare, setns
            *(425, 426, 427, 321, 323, 298, 248, 249, 250),  # io_uring, bpf, userfaultfd, perf events, keys
            *(175, 176, 313, 246, 320, 169, 167, 168, 170, 171, 164, 227, 159, 305),  # modules, kexec, reboot, clock
        ),
    ),
    "aarch64": (
        0xC00000B7,
        131,
        (
            *(203, 33, 265, 89, 116, 262),
            *(198, 129, 138, 130, 240, 424),
            *(117, 270, 271, 272, 438),
            *(52, 53, 452, 54, 55),
            *(88, 5, 6, 7, 14, 15, 16),
            *(164, 261, 122, 140, 118, 119, 274),
            *(40, 39, 41, 51, 97, 268, 428, 429, 430, 431, 432, 433, 442),
            *(425, 426, 427, 280, 282, 241, 217, 218, 219),
            *(105, 106, 273, 104, 294, 142, 224, 225, 161, 162, 170, 112, 171, 266),
        ),
    ),
}


def works() -> bool:
    """Whether this machine has such filters, for an architecture that this file knows."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return False
    # A mode that is not there fails with EFAULT where the kernel has filters, since no program is given.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_SECCOMP, *map(ctypes.c_ulong, (_FILTER, 0, 0, 0)))
    return ctypes.get_errno() == 14


def seal() -> None:
    """Close what is open, for good. Raises OSError; needs :func:`works`."""
    for kind, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowest, lowest))
    program = b"".join(_instructions(platform.machine(), os.getpid()))
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0)))
    if libc.prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.c_char_p(header), *map(ctypes.c_ulong, (0, 0))):
        raise OSError(ctypes.get_errno(), "seccomp")


def _instructions(machine: str, process: int) -> Iterator[bytes]:
    """The program, an instruction at a time; a thread of ``process`` may be signalled, as `abort` does."""
    architecture, signal_thread, denied = _MACHINES[machine]
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER)
    yield _step(_AT_LEAST, _X32, 0, 1)
    yield _step(_RETURN, _KILL)
    for number in denied:
        yield _step(_EQUAL, number, 0, 1)
        yield _step(_RETURN, _DENY)
    yield _step(_EQUAL, signal_thread, 0, 3)
    yield _step(_LOAD, _FIRST_ARGUMENT)
    yield _step(_EQUAL, process, 1, 0)
    yield _step(_RETURN, _DENY)
    yield _step(_RETURN, _ALLOW)


def _step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand)
