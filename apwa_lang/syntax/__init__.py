"""Source text, syntax tree and parser."""
