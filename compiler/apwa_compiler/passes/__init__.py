"""Plan to plan: one file, one function of the same name."""
