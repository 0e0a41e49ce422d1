"""One file a format: from the bytes of a file to raw rows, a bounded number at a time."""
