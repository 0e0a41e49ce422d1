"""Pages of a few lines, as a PDF and as a picture: no more than the standard library is needed.

A letter of a picture is five dots wide and seven high, each dot a square of four pixels; pictures have capitals only.
"""

import re
import struct
import zlib

# Each row of a letter is a number of five bits, written as a digit to the base 32.
DIGITS = "0123456789abcdefghijklmnopqrstuv"
DRAWN = """
A ehhvhhh B uhhuhhu C fgggggf D uhhhhhu E vggsggv F vggsggg G fggnhhf H hhhvhhh I v44444v
J 71111he K hikokih L ggggggv M hrllhhh N hppljjh O ehhhhhe P uhhuggg Q ehhhlid R uhhukih
S fgge11u T v444444 U hhhhhhe V hhhhaa4 W hhhllrh X hha4ahh Y hha4444 Z v1248gv 0 ejlllpe
1 4ck444v 2 eh168gv 3 u11e11u 4 26aiv22 5 vgu11he 6 egguhhe 7 v122444 8 ehhehhe 9 ehhf11e
. 00000cc : 0cc0cc0 - 000e000
"""
LETTERS = {" ": "0000000", **dict(line.split() for line in re.findall(r"\S \S+", DRAWN))}
WIDE, HIGH, DOT = 6, 10, 2


def picture(lines):
    """A PNG, black on white, with a margin of one letter."""
    columns = (max(map(len, lines)) + 2) * WIDE
    rows = [[1] * columns for _ in range((len(lines) + 2) * HIGH)]
    for down, line in enumerate(lines, start=1):
        for along, letter in enumerate(line.upper(), start=1):
            for row, digit in enumerate(LETTERS[letter]):
                for column in range(5):
                    if DIGITS.index(digit) >> (4 - column) & 1:
                        rows[down * HIGH + row][along * WIDE + column] = 0
    large = [[dot for dot in row for _ in range(DOT)] for row in rows for _ in range(DOT)]
    return png(large)


def png(rows):
    """Rows of black (0) and white (1) pixels, one bit for each."""
    packed = b"".join(b"\0" + bits(row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def bits(row):
    text = "".join(map(str, row))
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8)


def pdf(lines):
    """A PDF of one page."""
    shown = "".join(f"({line.translate(ESCAPED)}) Tj T*\n" for line in lines)
    content = f"BT /F 12 Tf 16 TL 72 720 Td\n{shown}ET".encode("latin-1")
    fonts = b"<< /Font << /F 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources %b >>" % fonts,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    file, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (count, table, end)


ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\()"})
