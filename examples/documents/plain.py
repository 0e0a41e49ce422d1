"""The text of a PDF, for models that read text alone. Needs pypdf."""

from pypdf import PdfReader


def text_of(id, file):
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)
