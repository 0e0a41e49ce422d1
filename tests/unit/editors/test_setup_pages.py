"""The lines of the setup pages: they parse, what they name is there, and Neovim shows findings by them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from apwa_lang.syntax.tokens import keywords

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs/editors").glob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_parse_and_what_they_name_is_there(page: Path) -> None:
    for block in blocks(page, "toml"):
        tomllib.loads(block)
    for block in blocks(page, "json"):
        json.loads(block)
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"(?<!\w)editors/[\w./-]+\w", text):
        assert (ROOT / name).exists() or name.endswith(".vsix"), name
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target


def test_the_readme_links_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"docs/editors/(\w+)\.md", readme)) == {page.stem for page in PAGES}


def test_the_words_of_the_emacs_mode_are_keywords() -> None:
    (mode,) = blocks(ROOT / "docs/editors/emacs.md", "elisp")
    words = set(re.findall(r"[a-z]+", " ".join(re.findall(r"\\\\_<\\\\\((.*?)\\\\\)\\\\_>", mode))))
    assert words
    assert words <= set(keywords())
    assert {"record", "task", "flow", "map", "over", "and", "not"} <= words


LOOK = """
vim.cmd("edit main.apwa")
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, finding in ipairs(vim.diagnostic.get(0)) do
  print("found " .. finding.lnum .. " " .. finding.col .. " " .. finding.message .. "\\n")
end
vim.cmd("qa!")
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
def test_neovim_shows_findings(tmp_path: Path) -> None:
    _, older, _ = blocks(ROOT / "docs/editors/neovim.md", "lua")
    apwa = Path(sys.executable).with_name("apwa")
    assert '"apwa", "lsp"' in older
    setup = older.replace('"apwa", "lsp"', f'"{apwa}", "lsp"')
    (tmp_path / "init.lua").write_text(f"vim.g.do_filetype_lua = 1\n{setup}", encoding="utf-8")
    (tmp_path / "look.lua").write_text(LOOK, encoding="utf-8")
    (tmp_path / "main.apwa").write_text("record A { a: in }\n", encoding="utf-8")
    given = ["nvim", "--headless", "-u", "init.lua", "-c", "luafile look.lua"]
    done = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "found 0 14 there is no type `in`" in done.stdout + done.stderr
