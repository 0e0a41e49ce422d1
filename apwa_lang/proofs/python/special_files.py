"""Library functions that open files or compute with their paths.

In: the arguments and receiver of a call. Out: open files and paths; what is read and written is recorded.
"""

from __future__ import annotations

from collections.abc import Callable

from apwa_lang.proofs.python import paths
from apwa_lang.proofs.python.apply import touch
from apwa_lang.proofs.python.builtin_values import shown
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.paths import PATH
from apwa_lang.proofs.python.protocols import expose
from apwa_lang.proofs.python.values import NOTHING, Args, Func, Imm, Obj, Value, imm, join

Handler = Callable[[Engine, Args, Obj | None], Value]


def _opens(name: str, type: str, mode_place: int = 1, default: str = "r", binary: bool = False) -> Handler:
    """A function that opens its first argument, or its receiver, as its mode says."""

    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        expose(engine, args.every(), changing=True)
        path = frozenset([receiver]) if receiver is not None else args.get(0) or args.every()
        mode = args.get(mode_place - (1 if receiver is not None else 0), "mode")
        texts = {default} if mode is None else {obj.text for obj in mode if isinstance(obj, Imm)}
        known = "".join(text for text in texts if text is not None)
        unsure = None in texts or not texts
        if unsure or set(known) & set("wax+"):
            touch(engine, Kind.FS_WRITE, f"writes a file through `{shown(name)}`", path)
        if unsure or "+" in known or not set(known) & set("wax"):
            touch(engine, Kind.FS_READ, f"reads a file through `{shown(name)}`", path)
        opener = args.get(None, "opener")
        if opener is not None and not all(isinstance(obj, Imm) for obj in opener):
            engine.call(engine, frozenset(f for f in opener if isinstance(f, Func)), Args([path, imm("int")]))
        bytes_only = "b" in known if not binary else "t" not in known
        found = "io.TextIOWrapper" if type == "file" and not bytes_only else "io.BufferedRandom"
        made = engine.fresh(engine.node, found if type == "file" else type, NOTHING, name)
        if type == "file" and unsure:
            made |= engine.fresh(engine.node, "io.BufferedRandom", NOTHING, name)
        return made

    return handler


def _receiver(args: Args, receiver: Obj | None) -> tuple[Value, list[Value]]:
    every = [*args.pos, args.star] if args.star else list(args.pos)
    if receiver is not None:
        return frozenset([receiver]), every
    return (every[0], every[1:]) if every else (NOTHING, [])


def _join(type: str) -> Handler:
    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        first, rest = _receiver(args, receiver)
        value = paths.typed(first, type) if first else imm(type, ".")
        for part in rest:
            value = paths.joined(value, part, type)
        return imm(type) if args.star else value

    return handler


def _parent(type: str) -> Handler:
    return lambda engine, args, receiver: paths.parent(_receiver(args, receiver)[0], type)


def _typed(type: str) -> Handler:
    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        expose(engine, args.every())
        return paths.typed(_receiver(args, receiver)[0], type)

    return handler


def _here(type: str) -> Handler:
    return lambda engine, args, receiver: imm(type, ".")


def _renamed(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    first, rest = _receiver(args, receiver)
    return paths.renamed(first, rest[0] if rest else NOTHING, PATH)


def _children(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    first, patterns = _receiver(args, receiver)
    touch(engine, Kind.FS_READ, "lists a folder", first)
    inside = not args.star and all(_is_name(pattern) for pattern in [*patterns, *args.kw.values()])
    return engine.fresh(engine.node, "iterator", paths.child(first, PATH) if inside else imm(PATH))


def _is_name(value: Value) -> bool:
    """Whether ``value`` is a constant without ``..``, or no text at all."""
    return all(
        isinstance(obj, Imm) and (obj.type != "str" or (obj.text is not None and ".." not in obj.text)) for obj in value
    )


def _splitext(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    first, _ = _receiver(args, receiver)
    root = join(*(imm("str", None, obj.depth if isinstance(obj, Imm) and obj.depth else None) for obj in first))
    site = engine.site(engine.node, "tuple", "splitext")
    engine.grow(site.fields, "0", root)
    engine.grow(site.fields, "1", imm("str"))
    engine.grow(site.fields, "[]", root | imm("str"))
    return frozenset([site])


def _scratch(type: str) -> Handler:
    """A new file or folder of ``tempfile``: in the scratch folder unless ``dir`` says otherwise."""

    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        folder = args.kw.get("dir", args.kwstar)
        texts = [obj for value in [*args.pos, *args.kw.values()] for obj in value]
        named = all(isinstance(obj, Imm) and "/" not in (obj.text or "/" * (obj.type == "str")) for obj in texts)
        place = None if folder - imm("None") or len(args.pos) > 2 or args.star or not named else 0
        engine.record(Kind.FS_WRITE, "makes a temporary file or folder", None, place == 0)
        path = imm("str", None, place)
        if type == "str":
            return path
        site = engine.site(engine.node, type)
        elements = join(imm("int"), path) if type == "tuple" else path
        engine.grow(site.fields, "[]", elements)
        if type == "tuple":
            engine.grow(site.fields, "0", imm("int"))
            engine.grow(site.fields, "1", path)
        else:
            engine.grow(site.fields, "name", path)
        return frozenset([site])

    return handler


def _moved(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    first, rest = _receiver(args, receiver)
    touch(engine, Kind.FS_WRITE, "moves a file", first)
    target = rest[0] if rest else args.get(None, "target") or NOTHING
    touch(engine, Kind.FS_WRITE, "moves a file", target or imm("str"))
    return paths.typed(target, PATH)


def _database(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``sqlite3.connect``: a database in memory is no file."""
    path = args.get(0, "database") or NOTHING
    if path != imm("str", ":memory:"):
        touch(engine, Kind.FS_READ, "opens a database", path)
        touch(engine, Kind.FS_WRITE, "opens a database", path)
    return engine.fresh(engine.node, "sqlite3.Connection")


FILES: dict[str, Handler] = {
    "builtins.open": _opens("open", "file"),
    "io.open": _opens("io.open", "file"),
    "os.fdopen": _opens("os.fdopen", "file"),
    "codecs.open": _opens("codecs.open", "file"),
    "sqlite3.connect": _database,
    "gzip.open": _opens("gzip.open", "file", default="rb", binary=True),
    "bz2.open": _opens("bz2.open", "file", default="rb", binary=True),
    "lzma.open": _opens("lzma.open", "file", default="rb", binary=True),
    "gzip.GzipFile": _opens("gzip.GzipFile", "file", default="rb", binary=True),
    "zipfile.ZipFile": _opens("zipfile.ZipFile", "zipfile.ZipFile"),
    "tarfile.open": _opens("tarfile.open", "tarfile.TarFile"),
    "pathlib.Path.open": _opens("Path.open", "file"),
    "pathlib.Path": _join(PATH),
    "pathlib.PurePath": _join(PATH),
    "pathlib.PurePosixPath": _join(PATH),
    "pathlib.PosixPath": _join(PATH),
    "pathlib.Path.__truediv__": _join(PATH),
    "pathlib.Path.joinpath": _join(PATH),
    "pathlib.Path.with_name": _renamed,
    "pathlib.Path.with_stem": _renamed,
    "pathlib.Path.with_suffix": _renamed,
    "pathlib.Path.resolve": _typed(PATH),
    "pathlib.Path.absolute": _typed(PATH),
    "pathlib.Path.cwd": _here(PATH),
    "pathlib.Path.as_posix": _typed("str"),
    "pathlib.Path.__str__": _typed("str"),
    "pathlib.Path.__fspath__": _typed("str"),
    "pathlib.Path.iterdir": _children,
    "pathlib.Path.glob": _children,
    "pathlib.Path.rglob": _children,
    "pathlib.Path.rename": _moved,
    "pathlib.Path.replace": _moved,
    "builtins.str": _typed("str"),
    "os.fspath": _typed("str"),
    "os.path.join": _join("str"),
    "os.path.dirname": _parent("str"),
    "os.path.abspath": _typed("str"),
    "os.path.realpath": _typed("str"),
    "os.path.normpath": _typed("str"),
    "os.path.splitext": _splitext,
    "os.getcwd": _here("str"),
    "tempfile.mkdtemp": _scratch("str"),
    "tempfile.mkstemp": _scratch("tuple"),
    "tempfile.mktemp": _scratch("str"),
    "tempfile.TemporaryDirectory": _scratch("tempfile.TemporaryDirectory"),
    "tempfile.NamedTemporaryFile": _scratch("tempfile._TemporaryFileWrapper"),
    "tempfile.TemporaryFile": _scratch("tempfile._TemporaryFileWrapper"),
    "tempfile.SpooledTemporaryFile": _scratch("tempfile._TemporaryFileWrapper"),
}
