"""Show the passages nearest to each question: ``python show.py`` after a run."""

from pathlib import Path

import pyarrow.parquet as parquet

OUT = Path(__file__).parent / "out"
SHOWN = 2


def nearness(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def main():
    passages = parquet.read_table(OUT / "passages.parquet").to_pylist()
    for question in parquet.read_table(OUT / "questions.parquet").to_pylist():
        print(f"\n{question['text']}")
        ranked = sorted(passages, key=lambda passage: -nearness(question["vector"], passage["vector"]))
        for passage in ranked[:SHOWN]:
            score = nearness(question["vector"], passage["vector"])
            text = " ".join(passage["text"].split())
            print(f"  {score:.2f}  chapter {passage['chapter']}, passage {passage['index']}: {text[:300]}…")


if __name__ == "__main__":
    main()
