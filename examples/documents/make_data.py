"""Make invoices of seven kinds with known contents: ``python make_data.py [count]`` writes them to ``data``."""

import json
import random
import sys
from pathlib import Path

from draw import pdf, picture

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
ITEMS = ("Desk lamp", "Notebook", "Oak chair", "Inner tube", "Rye bread", "Train atlas", "Wool scarf", "Copper wire")
MONTHS = ("January", "March", "May", "June", "August", "October", "December")
SUFFIXES = {"text": "txt", "xml": "xml", "csv": "csv", "html": "html", "latex": "tex", "pdf": "pdf", "image": "png"}


def invoice():
    items = [
        {"name": name, "price": round(random.uniform(2, 90), 2)} for name in random.sample(ITEMS, random.randint(1, 4))
    ]
    return {
        "store_name": random.choice(STORES),
        "number": random.randint(10_000, 99_999),
        "date": f"{random.randint(1, 28)} {random.choice(MONTHS)} {random.randint(2019, 2025)}",
        "total": round(sum(item["price"] for item in items), 2),
        "currency": random.choice(("EUR", "GBP", "USD")),
        "vat": random.choice((None, f"GB{random.randint(10**8, 10**9 - 1)}")),
        "items": items,
    }


def document(kind, said):
    """The bytes of a document of a kind that says what is in ``said``."""
    store, number, date, currency = (said[name] for name in ("store_name", "number", "date", "currency"))
    total, vat = f"{said['total']:.2f}", said["vat"]
    items = [(item["name"], f"{item['price']:.2f}") for item in said["items"]]
    match kind:
        case "text":
            bought = ", ".join(f"{name} for {price}" for name, price in items)
            known = f" Our VAT number is {vat}." if vat else ""
            text = (
                f"Dear customer, thank you for shopping at {store}.\nOn {date} you bought {bought}. Your receipt has "
                f"the number {number}.\nYou paid a total of {total} {currency}.{known}\n"
            )
        case "xml":
            rows = "".join(f"<item><name>{name}</name><price>{price}</price></item>" for name, price in items)
            known = f"<vat>{vat}</vat>" if vat else ""
            text = (
                f"<receipt><shop>{store}</shop><number>{number}</number><date>{date}</date>{known}"
                f"<items>{rows}</items><total currency='{currency}'>{total}</total></receipt>\n"
            )
        case "csv":
            rows = "".join(f"{name},{price}\n" for name, price in items)
            text = f"store,number,date,vat\n{store},{number},{date},{vat or ''}\n{rows}Total,{total},{currency}\n"
        case "html":
            rows = "".join(f"<tr><td>{name}</td><td>{price}</td></tr>" for name, price in items)
            known = f"<p>VAT {vat}</p>" if vat else ""
            text = (
                f"<!doctype html><h1>{store}</h1><p>Invoice number {number} of {date}</p>{known}"
                f"<table>{rows}</table><b>Total {total} {currency}</b>\n"
            )
        case "latex":
            rows = "".join(f"{name} & {price} \\\\\n" for name, price in items)
            known = f"VAT: {vat}\n" if vat else ""
            text = (
                f"\\section*{{{store}}}\nInvoice number {number}, {date}.\n{known}\\begin{{tabular}}{{lr}}\n{rows}"
                f"\\end{{tabular}}\n\\textbf{{Total: {total} {currency}}}\n"
            )
        case _:
            rows = [f"{name}  {price}" for name, price in items]
            known = [f"VAT: {vat}"] if vat else []
            lines = [store, f"Invoice number: {number}", date, *known, *rows, f"Total: {total} {currency}"]
            return pdf(lines) if kind == "pdf" else picture(lines)
    return text.encode()


def documents(count, seed=7):
    """Rows of the table, each with the bytes of its document."""
    random.seed(seed)
    kinds = list(SUFFIXES)
    for index in range(count):
        kind, truth, name = kinds[index % len(kinds)], invoice(), f"doc-{index:06}"
        row = {"id": name, "kind": kind, "path": f"data/{name}.{SUFFIXES[kind]}", "truth": truth}
        yield row, document(kind, truth)


def write(count, folder):
    """Write documents and their table below ``folder``. Returns the rows."""
    (folder / "data").mkdir(exist_ok=True)
    rows = []
    for row, data in documents(count):
        (folder / row["path"]).write_bytes(data)
        rows.append(row)
    (folder / "data" / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return rows


if __name__ == "__main__":
    write(int(sys.argv[1]) if len(sys.argv) > 1 else 14, Path(__file__).parent)
