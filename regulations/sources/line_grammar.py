"""Reading lines of text as legislation: what each line is, given what is open.

Used where the source has no markup (plain text, Markdown, Lawtext) and for the parts of HTML that
are mere text. A line is judged by what it opens with, and by the line after it where a bracketed
line may be a caption.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from regulations.sources.labels import (
    ArticleHead,
    Label,
    Style,
    appended_head,
    are_points,
    article_head,
    bullet_label,
    close_up_label,
    division_level,
    is_amendment_note,
    is_bracketed,
    item_label,
    point_head,
    split_trailing_note,
    supplementary_head,
)
from regulations.sources.tree_builder import TreeBuilder
from regulations.structure import Table

_TABLE_ROW = re.compile(r"\s*\|(?P<cells>.*)\|\s*$")
_TABLE_RULE = re.compile(r"\s*\|[\s:|-]+\|\s*$")
# A sentence that begins so goes on from the one before, whatever the line break says.
_GOES_ON = re.compile(r"(?:ただし|但し|この場合|なお|また)")
_ENDS = ("。", "。）", "。」", "。)")
_REMARKS = re.compile(r"(?:備[\s　]*考|注)(?:[\s　]|$)")


class LineGrammar:
    """Feeds a `TreeBuilder` line by line. `by_points` says that 第１ stands for 第一条 (`are_points`)."""

    def __init__(self, builder: TreeBuilder, *, by_points: bool = False) -> None:
        self.builder = builder
        self._by_points = by_points
        self._rows: list[tuple[str, ...]] = []
        self._in_form = False
        self._form_title = ""
        self._form_lines: list[str] = []
        self._after_heading = self._after_table = False

    def feed(self, line: str, following: str = "") -> None:
        """One line; `following` is the next line that is not blank, empty at the end."""
        if "|" in line and (row := _TABLE_ROW.match(line)):
            if not _TABLE_RULE.match(line):
                self._rows.append(tuple(cell.strip() for cell in row["cells"].split("|")))
            return
        if "\t" in line and (cells := self._tabbed(line)) and (self._rows or self._tabbed(following)):
            self._rows.append(cells)
            return
        self._close_table()
        text = line.strip()
        if not text:
            return
        if self._opens_part(text):
            return
        if self._in_form:
            self._form_lines.append(text)
            return
        self._read_body_line(text, following.strip())
        self._after_table = False

    @property
    def in_form(self) -> bool:
        return self._in_form

    def open_form(self, title: str) -> None:
        """Lines that follow belong to the form `title`, until another part opens."""
        self.close()
        self._in_form, self._form_title = True, title

    def table(self, table: Table) -> None:
        self._close_table()
        self._after_table = True
        if self._in_form:
            self._form_lines += table.text.split("\n")
        else:
            self.builder.table(table)

    def close(self) -> None:
        """To be called after the last line, and before a part that the caller opens itself."""
        self._close_table()
        self._close_form()

    def _opens_part(self, text: str) -> bool:
        builder = self.builder
        if (law_number := supplementary_head(text)) is not None:
            self._close_form()
            builder.supplementary(law_number, heading=text)
            return True
        if (level := division_level(text)) and not self._in_form:
            builder.division(level, re.sub(r"[\s　]+", "　", text))
            return True
        if (builder.has_body or self._in_form) and (appended := appended_head(text)):
            kind, title, related = appended
            self._close_form()
            if kind == "table":
                builder.appended_table(title, related)
            else:
                self._in_form, self._form_title = True, f"{title}{related}"
            return True
        return False

    def _read_body_line(self, text: str, following: str) -> None:
        builder = self.builder
        after_heading, self._after_heading = self._after_heading, False
        bracketed = is_bracketed(text)
        if is_amendment_note(text):
            builder.note(text)
        elif bracketed and after_heading:
            builder.caption_of_open_article(text)
            self._after_heading = True
        elif bracketed and self._takes_caption(following):
            builder.caption(text)
        elif (head := self._article_head(text, following)) and not builder.in_appended:
            builder.article(head.number, head.title, caption=head.caption)
            rest, note = split_trailing_note(head.rest)
            if rest:
                builder.paragraph(rest)
            self._note(note)
            self._after_heading = not rest and not head.caption
        elif label := item_label(text) or self._close_up_label(text):
            self.labelled(label)
        else:
            self._unlabelled(text, following)

    def _close_up_label(self, text: str) -> Label | None:
        """一、 or １． where it opens a list, or goes on with one or with the 項."""
        builder, label = self.builder, close_up_label(text)
        if label is None or builder.continues_list(label):
            return label
        is_digit, last = label.style is Style.ARABIC, builder.last_text
        ends = builder.has_items or last.endswith("。") or (is_digit and not last)
        paragraph = builder.last_paragraph_number
        goes_on = is_digit and paragraph.isdigit() and int(label.number) == int(paragraph) + 1
        return label if ends and (label.number in {"1", "イ"} or goes_on) else None

    def _tabbed(self, line: str) -> tuple[str, ...]:
        """Cells that tabs set apart; none where the tab only follows a number, or stands in a sentence.

        The rows of a 別表 are lines there, in their order with the remarks below them.
        """
        if self.builder.in_appended:
            return ()
        cells = tuple(cell.strip() for cell in line.strip().split("\t"))
        opens = self._article_head(line) or item_label(line) or bullet_label(line)
        return () if len(cells) == 1 or opens or cells[0].endswith(("。", "、")) else cells

    def _article_head(self, line: str, following: str = "") -> ArticleHead | None:
        if self._by_points:
            return point_head(line, following=following)
        builder, last = self.builder, self.builder.last_text
        # Only behind a whole line may one be an article that else reads as a citation; a 号 ends without 。.
        is_whole = not last or last.endswith((*_ENDS, "削除")) or (builder.has_items and not last.endswith("、"))
        return article_head(line, last=builder.last_article if is_whole or self._after_table else None)

    def _takes_caption(self, following: str) -> bool:
        """Whether a bracketed line before `following` is its caption: an article, or a 項 of a 附則."""
        if not following or self._article_head(following):
            return bool(following)
        builder, label = self.builder, item_label(following)
        if label and label.style is Style.ARABIC:
            return not builder.in_article
        return builder.in_supplementary and not builder.in_article and not label

    def labelled(self, label: Label) -> None:
        """A line that opens with a number: a 項, or a 号 and deeper."""
        rest, note = split_trailing_note(label.rest)
        if note:
            label = replace(label, rest=rest)
        if self._is_paragraph(label):
            self.builder.paragraph(label.rest, number=label.number, title=label.printed)
        else:
            self.builder.item(label)
        self._note(note)

    def _is_paragraph(self, label: Label) -> bool:
        """Whether a bare arabic (or, in old style, circled or kanji) number opens a 項 and not a 号."""
        builder = self.builder
        if label.style is Style.KANJI and not builder.has_items and not builder.in_appended:
            # 二 under a 項 without 一 is the next 項, as vertical texts number them; so is 一 at the head of a 附則.
            last = builder.last_paragraph_number
            return label.number == str(int(last) + 1) if last.isdigit() else not builder.in_article
        if label.style not in {Style.ARABIC, Style.CIRCLED} or builder.in_appended or not label.number.isdigit():
            return False
        if builder.continues_list(label):
            return False
        last = builder.last_paragraph_number
        number = int(label.number)
        if not last:
            return not builder.in_article or number == 1
        if label.style is Style.CIRCLED and builder.has_items:
            return last.isdigit() and number == int(last) + 1 and number > 1
        # 「１」 below a first 項 that has its text already begins a list within it.
        return number > 1 if last.isdigit() else True

    def _unlabelled(self, text: str, following: str) -> None:
        builder = self.builder
        text, note = split_trailing_note(text)
        last = builder.last_text
        goes_on = last and not last.endswith("。") and text.endswith("。") and not _REMARKS.match(text)
        if builder.in_appended and not goes_on:
            builder.unnumbered_item(text)
        elif builder.is_paragraph_empty or not last:
            builder.continuation(text)
        elif not last.endswith(_ENDS) or _GOES_ON.match(text):
            if bullet := bullet_label(text):
                builder.unnumbered_item(text if not bullet.rest else f"{bullet.printed}{bullet.rest}")
            else:
                builder.continuation(text)
        elif text.endswith("。"):
            builder.paragraph(text)
        else:
            builder.unnumbered_item(text)
        self._note(note)

    def _note(self, note: str) -> None:
        if note:
            self.builder.note(note)

    def _close_table(self) -> None:
        if self._rows:
            rows, self._rows = tuple(self._rows), []
            self.table(Table(rows=rows))

    def _close_form(self) -> None:
        if self._in_form:
            lines = [line for line in self._form_lines if line]
            self.builder.form(self._form_title, text="\n".join(lines))
            self._in_form, self._form_lines = False, []


def feed_lines(lines: Sequence[str | Table], builder: TreeBuilder, *, by_points: bool | None = None) -> None:
    """All of `lines`, and the tables between them, into `builder`; they tell `by_points` unless it is given."""
    if by_points is None:
        by_points = are_points(line for line in lines if isinstance(line, str))
    grammar = LineGrammar(builder, by_points=by_points)
    following = [""] * len(lines)
    for index in range(len(lines) - 1, 0, -1):
        line = lines[index]
        text = "|" if isinstance(line, Table) else line.strip()
        following[index - 1] = text or following[index]
    for line, after in zip(lines, following, strict=True):
        if isinstance(line, Table):
            grammar.table(line)
        else:
            grammar.feed(line, after)
    grammar.close()
