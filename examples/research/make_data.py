"""Make suppliers and a year of their deliveries: ``python make_data.py``, in this folder."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

SUPPLIERS = (
    ("Alder Farm", "Ireland", "strawberries", 2009, 1),
    ("Brook Nursery", "Netherlands", "tomatoes", 2015, 2),
    ("Cardinal Orchards", "Spain", "lemons", 2012, 1),
    ("Dunmore Greens", "Ireland", "lettuce", 2020, 3),
    ("Esker Fields", "France", "asparagus", 2018, 9),
    ("Fjord Berries", "Norway", "blueberries", 2021, 12),
    ("Glasshouse 7", "Netherlands", "peppers", 2016, 2),
    ("Hollow Hill", "Portugal", "oranges", 2011, 4),
)


def main():
    random.seed(7)
    folder = Path("data")
    with (folder / "suppliers.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("name", "country", "product", "since"))
        rows.writerows(supplier[:4] for supplier in SUPPLIERS)
    with (folder / "deliveries.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("id", "supplier", "promised", "arrived", "crates", "price"))
        for number in range(1, 161):
            name, *_, lateness = random.choice(SUPPLIERS)
            promised = date(2026, 1, 5) + timedelta(days=random.randrange(300))
            arrived = promised + timedelta(days=max(-1, round(random.gauss(lateness / 2, lateness))))
            never = random.random() < lateness / 120
            crates, price = random.randrange(5, 60), round(random.uniform(8, 30), 2)
            rows.writerow((number, name, promised, "" if never else arrived, crates, price))


if __name__ == "__main__":
    main()
