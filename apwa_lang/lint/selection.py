"""Which rules are looked for in a file.

In: the settings of `apwa.toml` and of the command line. Out: :class:`Selection`. A rule is named by its code or by the
beginning of codes; ``all`` names every rule, ``default`` those that are on without being selected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apwa_lang.diagnostics.registry import Code

GROUPS = ("all", "default")
CODES = range(500, 690)
"""The numbers of lint rules."""


@dataclass(frozen=True, slots=True)
class Selection:
    """``per_file`` pairs a glob, relative to ``folder``, with what is ignored in files that match it.

    ``baseline`` is the file of findings that are taken as they are. With ``enabled`` off nothing is linted.
    """

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[str, tuple[str, ...]], ...] = ()
    folder: Path = Path()
    baseline: Path | None = None
    enabled: bool = True

    def wants(self, code: Code) -> bool:
        """Whether a rule is looked for."""
        return self.enabled and not self.ignores(code.id) and any(_selects(word, code) for word in self.select)

    def ignores(self, code: str) -> bool:
        """Whether warnings and notes of a code, of a lint rule or not, are left out."""
        return any(code.startswith(prefix) for prefix in self.ignore)

    def covers(self, code: str, *, linted: bool) -> bool:
        """Whether findings of a code were looked for and would be shown, in a file that was ``linted`` or not."""
        if self.ignores(code) or not is_lint(code):
            return not self.ignores(code)
        from apwa_lang.diagnostics.registry import find

        known = find(code)
        return linted and (known is None or self.wants(known))

    def within(self, file: Path | None) -> Selection:
        """The selection for one file, with what the globs that match it ignore."""
        more = [codes for glob, codes in self.per_file if file is not None and _matches(file, self.folder, glob)]
        return replace(self, ignore=(*self.ignore, *(code for codes in more for code in codes))) if more else self


def is_lint(code: str) -> bool:
    """Whether a code is that of a lint rule."""
    return code.removeprefix("APWA").isdigit() and int(code.removeprefix("APWA")) in CODES


def unknown(words: Iterable[str], *, groups: bool = True) -> str | None:
    """The first of ``words`` that is no code, no beginning of one and, where ``groups`` may stand, no group."""
    from apwa_lang.diagnostics.registry import all_codes

    codes = [code.id for code in all_codes()]
    for word in words:
        named = word in GROUPS if groups else False
        if not named and not (word.startswith("APWA") and any(code.startswith(word) for code in codes)):
            return word
    return None


def _selects(word: str, code: Code) -> bool:
    return word == "all" or (word == "default" and code.default) or code.id.startswith(word)


def _matches(file: Path, folder: Path, glob: str) -> bool:
    """Whether a glob is that of a file: of its path below the folder, or without a slash of its name."""
    if "/" not in glob and fnmatchcase(file.name, glob):
        return True
    path = file.resolve()
    return path.is_relative_to(folder) and fnmatchcase(path.relative_to(folder).as_posix(), glob)
