"""The files of a program: the root and everything that it imports, each parsed once.

In: the root's source and a function that reads a file. Out: :class:`Unit` values, the root first. A file imported under
several prefixes is one unit, named by the first of its shortest paths from the root.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from apwa_lang.diagnostics.codes import names as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.near_files import near_file
from apwa_lang.syntax.nodes import Import, Module
from apwa_lang.syntax.parser import Parse
from apwa_lang.syntax.parser import parse as parse_afresh
from apwa_lang.syntax.source import Source, Span

SUFFIX = ".apwa"

Report = Callable[[Diagnostic], None]
Load = Callable[[Path], str]

_DECLARED = re.compile(r"\b(?:param|record|table|model|tool|task|split|flow)\s+([A-Za-z_]\w*)|\bas\s+([A-Za-z_]\w*)")
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)\s*=(?!=)")


@dataclass
class Unit:
    """One file. ``prefix`` is "" for the root and ends in a dot for others; ``imports`` maps an alias to its unit.

    An alias whose file could not be read maps to None.
    """

    module: Module
    prefix: str
    holes: tuple[int, ...]
    syntax_codes: frozenset[str] = frozenset()
    imports: dict[str, Unit | None] = field(default_factory=dict)

    @property
    def base(self) -> Path:
        """The folder that this file's relative paths start from."""
        file = self.module.source.file
        return file.parent if file else Path.cwd()

    def has_hole(self, span: Span) -> bool:
        """Whether a syntax error lies in ``span``: what is missing there may have been lost with it."""
        at = bisect_left(self.holes, span.start)
        return at < len(self.holes) and self.holes[at] <= span.end

    @cached_property
    def lost(self) -> frozenset[str]:
        """Names that the text seems to declare, when syntax errors may have cost their declarations."""
        if not self.holes:
            return frozenset()
        text = self.module.source.text
        found = {name for groups in _DECLARED.findall(text) for name in groups if name}
        return frozenset(found | set(_ASSIGNED.findall(text)))


def read_source(path: Path) -> str:
    """The text of a file. Raises OSError, and UnicodeDecodeError when it is not UTF-8."""
    return path.read_bytes().decode("utf-8-sig")


def load_units(source: Source, load: Load, report: Report, parse: Parse = parse_afresh) -> list[Unit]:
    """Parse the root and its imports, nearest first; reports syntax errors, files that cannot be read, and circles."""
    root = _parse(source, "", report, parse)
    units = {_identity(source): root}
    edges: dict[int, list[tuple[Import, Unit]]] = {}
    queue = deque([root])
    while queue:
        unit = queue.popleft()
        for declaration in unit.module.declarations:
            if not isinstance(declaration, Import) or declaration.alias.text in unit.imports:
                continue
            target = _import(declaration, unit, units, queue, load, report, parse)
            unit.imports[declaration.alias.text] = target
            if target is not None:
                edges.setdefault(id(unit), []).append((declaration, target))
    _report_cycles(root, edges, report)
    return list(units.values())


def _parse(source: Source, prefix: str, report: Report, parse: Parse) -> Unit:
    module, diagnostics = parse(source)
    for diagnostic in diagnostics:
        report(diagnostic)
    holes = sorted(diagnostic.primary.span.start for diagnostic in diagnostics)
    return Unit(module, prefix, tuple(holes), frozenset(diagnostic.code for diagnostic in diagnostics))


def _identity(source: Source) -> Path | None:
    return source.file.resolve() if source.file else None


def _import(
    node: Import,
    unit: Unit,
    units: dict[Path | None, Unit],
    queue: deque[Unit],
    load: Load,
    report: Report,
    parse: Parse,
) -> Unit | None:
    """The unit that ``node`` imports, read now if it is new; None when it cannot be read."""
    written = node.path.value
    if not written or "\0" in written:
        report(codes.cannot_import(node.path.span, written, "the path is not that of a file"))
        return None
    file = Path(os.path.normpath(unit.base / written))
    identity = file.resolve()
    if identity in units:
        return units[identity]
    try:
        text = load(file)
    except UnicodeDecodeError:
        report(codes.not_utf8(node.path.span, written))
        return None
    except OSError as error:
        reason = error.strerror.lower() if error.strerror else "it cannot be opened"
        report(codes.cannot_import(node.path.span, written, reason, near_file(unit.base, written, SUFFIX)))
        return None
    shown = os.path.normpath(Path(unit.module.source.path).parent / written)
    made = _parse(Source(text, shown, file), f"{unit.prefix}{node.alias.text}.", report, parse)
    units[identity] = made
    queue.append(made)
    return made


def _report_cycles(root: Unit, edges: dict[int, list[tuple[Import, Unit]]], report: Report) -> None:
    """Report each import that leads back to a file it stands below, following imports depth first without recursion."""
    done: set[int] = set()
    path: list[Unit] = [root]
    taken: list[Import] = []
    pending = [iter(edges.get(id(root), ()))]
    while path:
        step = next(pending[-1], None)
        if step is None:
            pending.pop()
            done.add(id(path.pop()))
            if taken:
                taken.pop()
            continue
        node, target = step
        at = next((index for index, unit in enumerate(path) if unit is target), None)
        if at is not None:
            chain = tuple(unit.module.source.path for unit in (*path[at:], target))
            report(codes.import_cycle(node.path.span, chain, tuple(other.path.span for other in taken[at:])))
        elif id(target) not in done:
            path.append(target)
            taken.append(node)
            pending.append(iter(edges.get(id(target), ())))
