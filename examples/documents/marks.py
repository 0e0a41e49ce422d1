"""How much of what was extracted is right, field by field."""

FIELDS = ("store_name", "number", "date", "total", "currency", "vat")


def mark(answer):
    """One mark for each answer: of its fields that are not null, and its items, and of those that the document has."""
    return [one(each, each["truth"]) for each in answer]


def one(answer, truth):
    found, planted = pieces(answer), pieces(truth)
    return {"right": len(found & planted), "found": len(found), "planted": len(planted)}


def pieces(invoice):
    """Each field with its value, and each item; capitals do not count."""
    fields = {(name, plain(invoice[name])) for name in FIELDS if invoice.get(name) is not None}
    return fields | {("item", plain(item["name"]), item["price"]) for item in invoice["items"]}


def plain(value):
    return value.lower() if isinstance(value, str) else value
