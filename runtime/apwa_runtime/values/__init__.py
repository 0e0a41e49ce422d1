"""Values at run time: what validates them, how they look to Python bodies, to models (JSON schema) and in Arrow."""
