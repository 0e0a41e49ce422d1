"""Make documents of mixed kinds with known contents: ``python make_data.py [count] > data/documents.jsonl``."""

import json
import random
import sys

STORES = (
    "Northern Lights Ltd",
    "Harbour Books",
    "Bright Spark Electrical",
    "Riverside Garage",
    "Tailor and Sons",
    "Green Grocer",
    "Oak and Ivy Bakery",
    "Delta Freight",
    "Blue Door Hotel",
    "Summit Bicycles",
    "Old Mill Brewery",
    "Corner Pharmacy",
)
MONTHS = ("January", "March", "May", "June", "August", "October", "December")

FORMS = {
    "text": "Dear customer, thank you for shopping at {store_name}. Your receipt number is {number}. "
    "On {date} you paid {total} {currency}.",
    "xml": "<receipt><shop>{store_name}</shop><number>{number}</number><date>{date}</date>"
    "<total currency='{currency}'>{total}</total></receipt>",
    "csv": "store,number,date,total,currency\n{store_name},{number},{date},{total},{currency}",
    "html": "<h1>{store_name}</h1><p>Invoice number {number} of {date}</p><b>Total {total} {currency}</b>",
    "latex": "\\section*{{{store_name}}}\nInvoice number {number}, {date}.\n\\textbf{{Total: {total} {currency}}}",
}


def documents(count, seed=7):
    """Documents with the truth about each beside it."""
    random.seed(seed)
    for index in range(count):
        kind = list(FORMS)[index % len(FORMS)]
        truth = {
            "store_name": random.choice(STORES),
            "number": random.randint(1000, 99999),
            "date": f"{random.randint(1, 28)} {random.choice(MONTHS)} {random.randint(2019, 2025)}",
            "total": round(random.uniform(5, 900), 2),
            "currency": random.choice(("EUR", "GBP", "USD")),
        }
        text = FORMS[kind].format(**{**truth, "total": f"{truth['total']:.2f}"})
        yield {"id": f"doc-{index:04}", "kind": kind, "text": text, "truth": truth}


if __name__ == "__main__":
    for document in documents(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
        print(json.dumps(document))
