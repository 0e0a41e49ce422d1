"""One editor feature a file: pure functions over a :class:`~apwa_lang.lsp.view.View` that know nothing of LSP."""
