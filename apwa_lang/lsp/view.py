"""What a feature sees of an open file.

In: the file's text and the newest analysis. Out: one value that every feature takes, so that a feature is a function.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.check import Checked
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.source import Source


@dataclass(frozen=True)
class View:
    """An open file: its current text, the tree of that text, and the program whose root it is.

    The tree has holes where the text does not parse. ``module`` is the first of ``checked.modules``, and
    ``module.source`` is ``source``: places in the tree and in findings can be compared.
    """

    source: Source
    module: Module
    checked: Checked
