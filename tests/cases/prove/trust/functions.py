"""Functions of tasks: one that keeps something from call to call, one that does not."""

kept = []


def keep(note):
    kept.append(note["id"])
    return str(len(kept))


def upper(note):
    return note["ward"].upper()
