"""From bytes to text: Japanese encodings, with or without a declaration, right or wrong.

The bytes decide, not the declaration: `charset=utf-8` over cp932 bytes is common in files that went
through a converter. Text in cp932 can pass for EUC-JP and the reverse, so whatever decodes without
error is weighed by how Japanese it looks.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from regulations.structure import Diagnostic, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text with unified line ends and without control characters; `encoding` is Python's name for it."""

    text: str
    encoding: str
    diagnostics: tuple[Diagnostic, ...] = ()


_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIPまたはWord・Excelなどの文書"),
    (b"\xd0\xcf\x11\xe0", "旧形式のWord・Excelなどの文書"),
    (b"{\\rtf", "リッチテキスト"),
    (b"\x89PNG", "画像"),
    (b"\xff\xd8\xff", "画像"),
    (b"GIF8", "画像"),
    (b"II*\x00", "画像"),
    (b"MM\x00*", "画像"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
# What files call shift_jis is Microsoft's superset: ①, 髙 and ～ fail in the strict codec.
_ALIASES = dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "ms932"), "cp932")
_CANDIDATES = ("cp932", "euc_jp", "euc_jis_2004")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe]")
# Spaces of no width, soft hyphens and marks of direction, which word processors leave behind; they break words in two.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060]")
_JAPANESE = re.compile("[ぁ-んァ-ヶー、。（）「」一-龠]")
# Half-width kana and rare ideographs are what cp932 and EUC-JP look like when taken for each other.
_SUSPECT = re.compile("[｡-ﾟ\ufffd\x80-\x9f\ue000-\uf8ff]")
_SAMPLE = 65536
_LIKELY = 0.2  # share of Japanese characters that a text without any mark must have


def decode(data: bytes) -> Decoded:
    """Text of `data` in whichever encoding it is.

    Raises ValueError, with a short Japanese description, where the bytes are no text at all.
    """
    for signature, description in _SIGNATURES:
        if data.startswith(signature):
            raise ValueError(description)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _finish(data[len(bom) :], encoding)
    if b"\x00" in data:
        return _finish(data, _wide_encoding(data))
    if b"\x1b$" in data and data.isascii():
        return _finish(data, "iso2022_jp_ext")
    try:
        data.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = _best_of(data)
    return _finish(data, encoding, declared=_declared(data))


def _declared(data: bytes) -> str:
    match = _DECLARATION.search(data[:4096])
    if not match:
        return ""
    name = match[1].decode("ascii").lower()
    try:
        return _ALIASES.get(name) or codecs.lookup(name).name
    except LookupError:
        return name


def _wide_encoding(data: bytes) -> str:
    """UTF-16 without a mark, told by how Japanese it looks or, in markup, by where the NULs of its tags stand;
    else the text has stray NULs in it.
    """
    sample = data[: _SAMPLE // 2 * 2]
    score, encoding = max((_score(sample.decode(e, "replace")), e) for e in ("utf-16-le", "utf-16-be"))
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if max(first, second) > max(len(sample) / 8, 20 * min(first, second)):
        score, encoding = 1.0, "utf-16-le" if second > first else "utf-16-be"
    if len(data) % 2 == 0 and score > _LIKELY:
        return encoding
    if sample.count(0) > len(sample) / 100:
        raise ValueError("バイナリ")
    return _best_of(data, "utf-8")


def _best_of(data: bytes, *preferred: str) -> str:
    encodings = (*preferred, *_CANDIDATES)
    clean = [encoding for encoding in encodings if _decodes(data, encoding)]
    sample = data[:_SAMPLE]
    candidates = clean or ["utf-8", *encodings]
    return max(candidates, key=lambda encoding: _score(sample.decode(encoding, "replace")))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _score(text: str) -> float:
    return (len(_JAPANESE.findall(text)) - 4 * len(_SUSPECT.findall(text))) / max(len(text), 1)


def _finish(data: bytes, encoding: str, *, declared: str = "") -> Decoded:
    diagnostics = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, "replace")
        bad = text.count("\ufffd")
        if bad > len(text) / 10:
            raise ValueError("文字コードを判別できない、または文章でないデータ") from error
        line = data.count(b"\n", 0, error.start) + 1
        diagnostics.append(
            Diagnostic(
                code="undecodable_bytes",
                message=f"文字として読めない箇所が{bad}か所あります（最初は{line}行目、{error.start}バイト目）。"
                "「\ufffd」に置き換えたので、元のファイルと見比べてください。",
                line=line,
            )
        )
    if declared and declared not in {encoding, "ascii"}:
        diagnostics.append(
            Diagnostic(
                code="wrong_declaration",
                message=f"文字コードの宣言（{declared}）が実際（{encoding}）と違うため、実際の文字コードで読みました。",
                severity=Severity.INFO,
            )
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", re.sub("[\x0c\u2028\u2029]", "\n", text))
    text, controls = _CONTROL.subn("", text)
    if controls > len(text) / 50:
        raise ValueError("バイナリ")
    return Decoded(text=text, encoding=encoding, diagnostics=tuple(diagnostics))
