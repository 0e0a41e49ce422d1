"""What an editor shows of the word under the pointer."""

from apwa_lang.lsp.features.hover.hover import Hover, hover, prompt_at
from apwa_lang.lsp.features.hover.prompts import measured

__all__ = ["Hover", "hover", "measured", "prompt_at"]
