"""Library functions that say more than a line of a table can, by full name.

In: nothing. Out: for each, what does the work of its call.
"""

from __future__ import annotations

from apwa_lang.proofs.python.special_containers import CONTAINERS
from apwa_lang.proofs.python.special_decorators import DECORATORS
from apwa_lang.proofs.python.special_files import FILES, Handler
from apwa_lang.proofs.python.special_objects import OBJECTS

SPECIAL: dict[str, Handler] = {**FILES, **OBJECTS, **DECORATORS, **CONTAINERS}
