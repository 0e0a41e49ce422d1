"""The functions of built-in tools, each called in a process of its own."""
