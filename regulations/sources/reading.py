"""The entry point: bytes of one file in, tree and diagnostics out."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from regulations.accounting import account
from regulations.numerals import NUMBER
from regulations.sources.archives import expanded
from regulations.sources.base import Limits, Reader, Source, UnreadableSource, nested_too_deep
from regulations.sources.checks import check
from regulations.sources.d1_law import D1LawReader
from regulations.sources.docx import DocxReader
from regulations.sources.egov2013 import Egov2013HtmlReader, Egov2013TextReader
from regulations.sources.egov_json import EgovJsonReader
from regulations.sources.egov_xml import EgovXmlReader
from regulations.sources.extract_html import ExtractReader
from regulations.sources.legal_crud import LegalCrudReader
from regulations.sources.odt import OdtReader
from regulations.sources.pdf import PdfReader
from regulations.sources.plain_text import PlainTextReader
from regulations.sources.reiki_base import ReikiBaseReader
from regulations.sources.web_page import WebPageReader
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
    ExtractReader(),
    Egov2013HtmlReader(),
    WebPageReader(),
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
    if not data:
        raise UnreadableSource("empty_file", "ファイルの中身が空です（0バイト）。元のファイルを取得し直してください。")
    source = Source(name=name, data=expanded(data, limits), limits=limits)
    for reader in READERS:
        if reader.recognises(source):
            with _collector_at_rest():
                return _read_with(reader, source)
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


def _read_with(reader: Reader, source: Source) -> ParsedOrdinance:
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


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without the search for cycles: a reader makes many objects, none of them in a cycle, and keeps nearly all
    of them, so that a quarter of its time would go into looking at them again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
