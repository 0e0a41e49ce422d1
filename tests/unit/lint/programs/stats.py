def size(rows):
    return len(rows)
