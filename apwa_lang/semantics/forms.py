"""How a word of the language is written, and what it is for.

In: nothing. Out: :class:`Form`, the entry of the tables that stand beside what checks each word: settings, attributes,
split rules, formats. The checker, the editor and the description of the language for a model read the same entries.
"""

from __future__ import annotations

from typing import NamedTuple


class Form(NamedTuple):
    """``syntax`` is how it is written, ``doc`` what it means, ``parameters`` what its brackets take, in order.

    Those that are ``optional`` may be left out.
    """

    syntax: str
    doc: str
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
