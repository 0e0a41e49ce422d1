"""The diagnostic codes, one module a stage: each entry beside the functions that make its diagnostics."""
