def look(word: str) -> str:
    return word.lower()
