"""One card for one file. The paths lead into the sub-problem's own scratch folder."""

from pathlib import Path


def make_card(file, text, page):
    """Read `text`, write the card to `page`, return what the card says."""
    content = Path(text).read_text(encoding="utf-8")
    opening = content.split("\n", 1)[0].split(". ", 1)[0]
    card = {"lines": content.count("\n"), "words": len(content.split()), "opening": opening}
    Path(page).write_text(f"# {file.name}\n\n{card['words']} words.\n\n> {opening}\n", encoding="utf-8")
    return card
