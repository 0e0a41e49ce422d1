from pathlib import Path


def put(name: str, text: str, page: Path) -> str:
    page.write_text(text)
    return name
