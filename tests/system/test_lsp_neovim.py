"""The language server in a real editor: headless Neovim with its own client."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="nvim is not installed")

TEXT = """record Note { id: str @key }
table notes: Note = read "notes.jsonl"
split each = note by row
"""

START = """
local server, file, report = %s, %s, %s
local said = {}
local function note(what) table.insert(said, what) end
local function finish()
  vim.fn.writefile({ vim.fn.json_encode(said) }, report)
  vim.cmd("qall!")
end
vim.cmd("edit " .. file)
local client = vim.lsp.start_client({ name = "apwa", cmd = server, root_dir = vim.fn.fnamemodify(file, ":p:h") })
vim.lsp.buf_attach_client(0, client)
"""

MENDED = """
local function errors(wanted)
  local held = vim.wait(90000, function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == wanted
  end, 20)
  if not held then note("not " .. wanted .. " errors"); finish() end
  return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
end
local found = errors(1)[1]
note(found.code or found.user_data.lsp.code)
note(found.lnum .. ":" .. found.col)
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local parameters = vim.lsp.util.make_range_params()
parameters.context = { diagnostics = {} }
for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/codeAction", parameters, 90000)) do
  for _, action in ipairs(answer.result or {}) do
    if action.kind == "quickfix" and action.title:find("notes") then
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
    end
  end
end
errors(0)
note(vim.api.nvim_buf_get_lines(0, 2, 3, false)[1])
vim.api.nvim_buf_set_lines(0, 0, 0, false, { "record" })
errors(1)
vim.api.nvim_buf_set_lines(0, 0, 1, false, {})
errors(0)
finish()
"""


FORMATTED = """
vim.wait(90000, function() return vim.lsp.get_client_by_id(client).initialized end, 20)
vim.api.nvim_win_set_cursor(0, { 1, 9 })
vim.lsp.buf.formatting_sync({}, 90000)
note(vim.api.nvim_buf_get_lines(0, 0, -1, false))
note(vim.api.nvim_win_get_cursor(0))
vim.cmd("write")
finish()
"""


def said(folder: Path, text: str, script: str) -> Any:
    """What a script tells that ran in Neovim with a file of this text open, called main.apwa."""
    file, report, lua = folder / "main.apwa", folder / "said.json", folder / "script.lua"
    file.write_text(text)
    server = "{ " + ", ".join(json.dumps(word) for word in (sys.executable, "-m", "apwa_lang.cli", "lsp")) + " }"
    lua.write_text(START % (server, json.dumps(str(file)), json.dumps(str(report))) + script)
    command = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {lua}"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL)
    assert report.exists(), ended.stderr
    return json.loads(report.read_text())


def test_a_finding_is_shown_and_its_fix_applied_and_typing_goes_on(tmp_path: Path) -> None:
    assert said(tmp_path, TEXT, MENDED) == ["APWA102", "2:13", "split each = notes by row"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "  "])
def test_a_file_is_formatted_whatever_it_ends_with(tmp_path: Path, end: str) -> None:
    lines, cursor = said(tmp_path, f"record  A {{ }}\nparam p: int{end}", FORMATTED)
    assert (lines, cursor) == (["record A {}", "param p: int"], [1, 8])
    assert (tmp_path / "main.apwa").read_text() == "record A {}\nparam p: int\n"
