"""PDF files made for the tests: text in a font that is not embedded, which the reader need not see to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 12
LEFT, TOP, LEADING = 72, 770, 20
ACROSS = 38  # characters from margin to margin


@dataclass(frozen=True)
class Run:
    """Text from a point (in points, from the lower left corner of the page) on."""

    text: str
    x: float
    y: float
    size: float = SIZE


def wrapped(text: str) -> list[str]:
    """`text` cut as a word processor cuts it at the right margin."""
    return [text[start : start + ACROSS] for start in range(0, len(text), ACROSS)]


def page(lines: Sequence[str], *, footer: str = "") -> list[Run]:
    """Lines from the top of a page down; a leading U+3000 indents."""
    runs = []
    for index, line in enumerate(lines):
        text = line.lstrip("　")
        runs.append(Run(text, LEFT + SIZE * (len(line) - len(text)), TOP - LEADING * index))
    if footer:
        runs.append(Run(footer, 280, 30))
    return runs


def pdf(*pages: Sequence[Run], vertical: bool = False, encrypted: bool = False) -> bytes:
    """A file of these pages; an encrypted one is of a password that nobody knows."""
    encoding = "UniJIS-UTF16-V" if vertical else "UniJIS-UTF16-H"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{6 + 2 * n} 0 R' for n in range(len(pages)))}]>>",
        f"<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/{encoding}/DescendantFonts[4 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)"
        "/Supplement 6>>/FontDescriptor 5 0 R/DW 1000>>",
        "<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 4/FontBBox[0 -120 1000 880]/Ascent 880/Descent -120"
        "/ItalicAngle 0/CapHeight 700/StemV 80>>",
    ]
    for number, runs in enumerate(pages):
        shown = "".join(
            f"BT /F1 {run.size} Tf {run.x} {run.y} Td <{run.text.encode('utf-16-be').hex()}> Tj ET\n" for run in runs
        )
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {7 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(shown)}>>stream\n{shown}endstream")
    data, offsets = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    secret = (
        f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>/ID[<00><00>]" if encrypted else ""
    )
    return data + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer<</Size {len(objects) + 1}/Root 1 0 R{secret}>>\nstartxref\n{len(data)}\n%%EOF"
    ).encode("latin-1")
