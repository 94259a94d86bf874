"""The entry point: bytes of one file in, tree and diagnostics out."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from io import BytesIO

from regulations.accounting import account
from regulations.numerals import NUMBER
from regulations.sources.base import Limits, Reader, Source, UnreadableSource, nested_too_deep
from regulations.sources.checks import check
from regulations.sources.d1_law import D1LawReader
from regulations.sources.docx import DocxReader
from regulations.sources.egov2013 import Egov2013HtmlReader, Egov2013TextReader
from regulations.sources.egov_json import EgovJsonReader
from regulations.sources.egov_xml import EgovXmlReader
from regulations.sources.legal_crud import LegalCrudReader
from regulations.sources.odt import OdtReader
from regulations.sources.pdf import PdfReader
from regulations.sources.plain_text import PlainTextReader
from regulations.sources.reiki_base import ReikiBaseReader
from regulations.structure import ParsedOrdinance

READERS: tuple[Reader, ...] = (
    DocxReader(),
    OdtReader(),
    PdfReader(),
    EgovXmlReader(),
    EgovJsonReader(),
    ReikiBaseReader(),
    D1LawReader(),
    LegalCrudReader(),
    Egov2013HtmlReader(),
    Egov2013TextReader(),
    PlainTextReader(),
)
"""In the order in which they are asked; the first that recognises the content reads it."""

DEFAULT_LIMITS = Limits()
_ARTICLE = re.compile(rf"第{NUMBER}条(?!例)")


def read_source(name: str, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> ParsedOrdinance:
    """Read one file, gzipped or not, with the reader that its content calls for.

    `name` is kept for identifiers that some publishers put into file names; it never decides the
    format. Raises UnreadableSource, and nothing else, where there is no ordinance to be had.
    """
    source = Source(name=name, data=_expanded(data, limits), limits=limits)
    for reader in READERS:
        if reader.recognises(source):
            try:
                parsed = reader.read(source)
            except RecursionError as error:
                raise nested_too_deep() from error
            found = account(parsed, reader.body(source))
            unread = [diagnostic] if (diagnostic := found.diagnostic()) else []
            return replace(
                parsed,
                diagnostics=(*parsed.diagnostics, *unread, *check(parsed.ordinance)),
                unaccounted=found.share,
            )
    if not source.text.strip():
        raise UnreadableSource("empty_file", "ファイルの中身が空です。元のファイルを取得し直してください。")
    if _ARTICLE.search(source.text):
        raise UnreadableSource(
            "unknown_format",
            "条文らしい文字はありますが、読み取れる形式ではありません。対応している形式（法令XML、例規集のHTML、テキスト）で取り直してください。",
        )
    raise UnreadableSource(
        "not_legislation",
        "条例・規則などの本文が見つかりません（エラー画面、目次だけのページ、別の種類の文書など）。"
        "本文のファイルか確かめてください。",
    )


def _expanded(data: bytes, limits: Limits) -> bytes:
    """The bytes themselves, or what a gzip file holds; never more than the limits allow."""
    if not data:
        raise UnreadableSource("empty_file", "ファイルの中身が空です（0バイト）。元のファイルを取得し直してください。")
    if len(data) > limits.max_bytes:
        raise _too_large(limits.max_bytes)
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            expanded = stream.read(limits.max_expanded_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(
            "broken_archive", "圧縮ファイル（gzip）が壊れています。元のファイルを取得し直してください。"
        ) from error
    if len(expanded) > limits.max_expanded_bytes:
        raise _too_large(limits.max_expanded_bytes)
    return expanded


def _too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(
        "too_large",
        f"ファイルが大きすぎます（上限{limit / 2**20:g}MB）。例規1件ごとのファイルに分けて取り込んでください。",
    )
