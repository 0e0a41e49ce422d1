from pathlib import Path


def count(id: str, page: Path) -> str:
    return f"{id}: {len(page.read_text().split())}"
