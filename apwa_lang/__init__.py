"""The front end: from source text to a typed program, its claims and its diagnostics."""
