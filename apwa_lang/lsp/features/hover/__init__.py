"""What an editor shows of the word under the pointer."""

from apwa_lang.lsp.features.hover.hover import Hover, hover

__all__ = ["Hover", "hover"]
