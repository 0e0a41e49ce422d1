"""Renaming: which edits it takes, and why it cannot be done."""

from apwa_lang.lsp.features.rename.rename import Refusal, Rename, prepare, rename

__all__ = ["Refusal", "Rename", "prepare", "rename"]
