"""The verifier shares no code with the prover but the parser."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import apwa_lang.verifier

FOLDER = Path(apwa_lang.verifier.__file__).parent
ALLOWED = ("apwa_lang.syntax", "apwa_lang.verifier")


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_a_file_imports_the_parser_jinja_and_the_standard_library_alone(file: Path) -> None:
    for name in imported(file):
        root = name.partition(".")[0]
        assert name.startswith(ALLOWED) or root == "jinja2" or root in sys.stdlib_module_names, name


def test_no_part_of_the_prover_is_loaded_with_it() -> None:
    show = "import sys, apwa_lang.verifier; print(*sorted(name for name in sys.modules if name.startswith('apwa_')))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    allowed = ("apwa_grammar", "apwa_lang.syntax", "apwa_lang.verifier", "apwa_lang.diagnostics")
    assert [name for name in done.stdout.split() if name != "apwa_lang" and not name.startswith(allowed)] == []
