"""The proof rules, one file each, tried in order."""
