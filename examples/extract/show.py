"""Show what the model read beside what the documents say: ``python show.py`` after a run."""

import json
from pathlib import Path

HERE = Path(__file__).parent
FIELDS = ("store_name", "number", "date", "total", "currency")


def main():
    truths = {row["id"]: row["truth"] for row in map(json.loads, (HERE / "data/documents.jsonl").open())}
    answers = {row["id"]: row for row in map(json.loads, (HERE / "out/invoices.jsonl").open())}
    print(f"{'document':9} {'kind':6}  {'read by the model':58}  {'wrong'}")
    right = dict.fromkeys(FIELDS, 0)
    for id, truth in truths.items():
        answer = answers.get(id)
        if answer is None:
            print(f"{id:9} {'':6}  {'(quarantined: no answer passed the checks)':58}")
            continue
        wrong = [field for field in FIELDS if answer[field] != truth[field]]
        for field in FIELDS:
            right[field] += field not in wrong
        price = f"{answer['total']:.2f} {answer['currency']}"
        read = ", ".join(map(str, (answer["store_name"], answer["number"], answer["date"], price)))
        shown = "; ".join(f"{field} is {truth[field]}" for field in wrong)
        print(f"{id:9} {answer['kind']:6}  {read:58}  {shown}")
    print(f"\nright, of {len(truths)}: " + ", ".join(f"{field} {count}" for field, count in right.items()))


if __name__ == "__main__":
    main()
