"""クレステック じょうれいくん (LegalCrud) HTML: `div.mainTitle`, `div.date`, `div.contentWrap`.

The head has marks of its own; the body is plain blocks, which are read as lines of text are.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from regulations.numerals import NUMBER
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.headings import clean_title, split_number_line
from regulations.sources.html import blocks, parse_html, regions_of, text_of, visible_text
from regulations.sources.plain_text import Head, feed_body
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import ParsedOrdinance

_MARK = re.compile(r"""class\s*=\s*["']?contentWrap\b""")
_PART = re.compile(r"""<div\b[^<>]*\bclass\s*=\s*["']?(?:mainTitle|date|contentWrap)\b[^<>]*>""", re.IGNORECASE)
_SOURCE_ID = re.compile(r"(\d+)\.html?$")


class LegalCrudReader:
    """Reader of the pages `act/{id}.html`."""

    name = "legal_crud_html"

    def recognises(self, source: Source) -> bool:
        return bool(_MARK.search(source.text))

    def read(self, source: Source) -> ParsedOrdinance:
        tree = parse_html(source)
        content = tree.css_first(".contentWrap")
        if content is None or not text_of(content):
            raise UnreadableSource(
                "no_body",
                "例規集のページですが、本文（contentWrap）が空です。本文のページを保存し直してください。",
            )
        title, date_line = _text(tree, ".mainTitle"), _text(tree, ".date")
        date, number = split_number_line(date_line)
        builder = TreeBuilder()
        # A number in no known form is kept as it stands; 制定 and 施行 behind the date of a 要綱 are none.
        rest = date_line[len(date) :].strip()
        number = number or (rest if re.search(NUMBER, rest) else "")
        head = Head(title=clean_title(title), date=date, number=number)
        feed_body([block.content for block in blocks(content)], builder, head)
        source_id = _SOURCE_ID.search(source.name)
        ordinance = ordinance_of(
            builder,
            title=head.title,
            number=number,
            date=date,
            text=source.text,
            source_id=source_id[1] if source_id else "",
        )
        return ParsedOrdinance(
            ordinance=ordinance,
            format=self.name,
            diagnostics=source.decoded.diagnostics,
            furniture=(title, date_line, *head.furniture),
        )

    def body(self, source: Source) -> str:
        """Title, date and content; what stands around them is the page's."""
        return "\n".join(visible_text(region) for region in regions_of(source.text, _PART))


def _text(tree: LexborHTMLParser, selector: str) -> str:
    return text_of(tree.css_first(selector))
