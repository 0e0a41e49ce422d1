"""The paths that tasks touch.

In: the template of a declared effect. Out: a function from a call's names to an absolute, normalised path. Whoever
reads, writes or compares such a path gets it here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from apwa_runtime.templates import Render, compile_path

_TREE = "/**"


def compile_target(template: str, base: str) -> Render:
    """A function that renders ``template`` below ``base``. It raises what :func:`compile_path`'s does.

    Of a tree ``dir/**`` it gives the folder.
    """
    render = compile_path(template.removesuffix(_TREE) or "/")
    normpath, absolute = os.path.normpath, os.path.isabs(template)  # noqa: PTH117 (paths of users stay text)

    def target(names: Mapping[str, Any]) -> str:
        path = render(names)
        # Two leading slashes, which POSIX leaves alone, mean nothing on any system that we know.
        return normpath(f"/{path.lstrip('/')}" if absolute else f"{base}/{path}")

    return target


def is_tree(template: str) -> bool:
    """Whether a template is of a folder and everything in it."""
    return template.endswith(_TREE)
