"""How many of the pieces that were found were really there."""


def mark(found, planted):
    """One mark for each record, of its pieces found and planted."""
    return [one(*lists) for lists in zip(found, planted, strict=True)]


def one(found, planted):
    left = [(piece.kind, piece.value) for piece in planted]
    right = 0
    for piece in found:
        if (piece.kind, piece.value) in left:
            left.remove((piece.kind, piece.value))
            right += 1
    return {"right": right, "found": len(found), "planted": len(planted)}
