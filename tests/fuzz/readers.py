"""Damages real files and reads them: `python -m tests.fuzz.readers --count 10000 --folder ../shared/data`.

The damage knows what it damages: lines of text, tags of a page, elements of a law. A file may be read or
refused; anything else, and anything that takes longer than --seconds, fails the run. Not collected by the
test suite. The same --seed gives the same damage.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from lxml import etree

from regulations.rendering import render
from regulations.serialisation import parsed_as_dict
from regulations.sources.archives import Bundle, is_bundle
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from tests.regulations.test_reading import SAMPLES

_TAG = re.compile(r"(<[^<>]*>)")
_ODD = (
    *("第百千条", "第三条", "第３条の２の３", "第一条及び第二条　削除", "附　則", "附則（令和元年条例第一号）抄"),
    *(
        "別表第一（第三条関係）",
        "様式第1号",
        "目次",
        "第一章　総則（第一条―第三条）",
        "（見出し）",
        "（（（（",
        "一　",
        "(1)　",
    ),
    *("①", "○２　", "イ　", "２　", "２　２　", "（昭六〇規則五九・一部改正）", "一部改正〔令和二年規則二〇号〕"),
    *("| 甲 | 乙 |", "|---|", "---", "\x00", "\ufffe", "\U0001f600", "髙﨑", "<table>", "</table>", "<tr><td>"),
    *("</div>", "<div>", "<p>", "<br>", "<!--", "-->", "<rt>", "<script>", "&amp;", "&#0;", "&#xd800;", "]]>"),
    *('<div id="h:hL20:::2:9.9.9.9-9.9-9.9.9-9-9-9-9:1:">', '<div class="eline">', '<div id="primaryInner2">'),
    *('<div class="contentWrap">', '<div class="jorei-body">', '<p class="jorei-item">', '<DIV class="item">'),
    *("<Item>", "</Item>", '{"tag":', "}]"),
)
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932", "euc_jp", "iso2022_jp", "utf-7")
_LONGEST = 60_000  # characters of a text or page, elements of a law: a part is enough to damage

_OF_BUNDLE = 20  # every so many members: the many small ones of a bundle would crowd out the rest

Damage = Callable[[random.Random, str], str]


def cut(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def drop(rng: random.Random, text: str) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.choice((1, 10, 200, 5000)) :]


def repeat(rng: random.Random, text: str) -> str:
    start = rng.randrange(len(text) + 1)
    piece = text[start : start + rng.choice((1, 20, 400))]
    return text[:start] + piece * rng.choice((2, 5, 300)) + text[start:]


def insert(rng: random.Random, text: str) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + rng.choice(("", "\n")) + rng.choice(_ODD) * rng.choice((1, 1, 1, 500)) + text[start:]


def confuse(rng: random.Random, text: str) -> str:
    """One character put for every other of its kind."""
    one, other = rng.choice(("条項", "（）", "。、", "　 ", "一二", "第章", "<>", "\n　", '"<', "１あ"))
    return text.replace(one, other, rng.choice((1, 50, -1)))


def lines(rng: random.Random, text: str) -> str:
    return _pieces_damaged(rng, text.split("\n"), "\n")


def tags(rng: random.Random, text: str) -> str:
    return _pieces_damaged(rng, _TAG.split(text), "")


def _pieces_damaged(rng: random.Random, pieces: list[str], joint: str) -> str:
    for _ in range(rng.choice((1, 3, 20))):
        at, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        action = rng.randrange(4)
        if action == 0 and len(pieces) > 1:
            del pieces[at]
        elif action == 1:
            pieces.insert(at, pieces[other])
        elif action == 2:
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            pieces.insert(at, rng.choice(_ODD))
        pieces = pieces or [""]
    return joint.join(pieces)


def elements(rng: random.Random, text: str) -> str:
    """A law whose elements are dropped, doubled, moved, renamed, renumbered or nested."""
    try:
        root = etree.fromstring(text.encode())
    except (etree.XMLSyntaxError, ValueError):
        return tags(rng, text)
    found = [element for element in root.iter() if isinstance(element.tag, str)]
    for _ in range(rng.choice((1, 3, 20))):
        one, other = rng.choice(found), rng.choice(found)
        parent = one.getparent()
        action = rng.randrange(6)
        if action == 0 and parent is not None:
            parent.remove(one)
        elif action == 1 and len(list(other.iter())) < 500:
            one.append(etree.fromstring(etree.tostring(other, with_tail=False)))
        elif action == 2 and one not in list(other.iterancestors()) and one is not other and parent is not None:
            other.append(one)
        elif action == 3:
            one.tag = other.tag
        elif action == 4:
            one.set("Num", rng.choice(("", "0", "1:", "9" * 40, "二", "1_2_3", "-1", "1_", ":")))
        else:
            one.text = (one.text or "") + re.sub("[\x00-\x08\ufffe]", "", rng.choice(_ODD))
            one.tail = rng.choice((None, "検査する。"))
    return etree.tostring(root, encoding="unicode")


DAMAGES: tuple[Damage, ...] = (cut, drop, repeat, insert, confuse, lines, tags, elements)


def bytes_damaged(rng: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    found = bytearray(data)
    for _ in range(rng.choice((1, 10, 1000))):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def part_of(rng: random.Random, text: str) -> str:
    """A part small enough to be read in no time: some articles of a law, some pages of another text."""
    if len(text) <= _LONGEST:
        return text
    if text.lstrip().startswith("<?xml"):
        articles = list(re.finditer(r"\n\s*<Article .*?</Article>", text, re.DOTALL))
        keep = set(rng.sample(range(len(articles)), min(len(articles), 12)))
        ends = [0, *(edge for n, found in enumerate(articles) if n not in keep for edge in found.span()), len(text)]
        return "".join(text[start:end] for start, end in list(pairwise(ends))[::2])
    start = rng.randrange(len(text) - _LONGEST // 2)
    return text[:4000] + text[start : start + _LONGEST]


def damaged(rng: random.Random, text: str) -> bytes:
    """One damaged file. The damage is in the text, in its encoding, in the bytes, or in more than one."""
    text = part_of(rng, text)
    # A tag out of place and a law is no XML any more, so most laws are damaged as trees alone.
    if text.startswith("<?xml") and rng.random() < 0.7:
        return elements(rng, text.partition("?>")[2]).encode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 4))):
        text = rng.choice(DAMAGES)(rng, text)
    encoding = rng.choice(_ENCODINGS) if rng.random() < 0.2 else "utf-8"
    data = text.encode(encoding, "replace")
    return bytes_damaged(rng, data) if rng.random() < 0.15 else data


def texts_of(folder: Path | None) -> list[str]:
    """Text of our own samples, of every file that can be decoded below `folder`, and of a part of each bundle."""
    found = [data.decode("cp932" if name == "egov2013_html" else "utf-8") for name, data in SAMPLES.items()]
    for path in sorted(folder.rglob("*")) if folder else []:
        if path.suffix not in {".xml", ".html", ".txt", ".md", ".gz"} or not path.is_file():
            continue
        if is_bundle(path):
            with Bundle(path, limits=Limits()) as bundle:
                found += [bundle.read(member).decode("utf-8", "replace") for member in bundle.members[::_OF_BUNDLE]]
            continue
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        found.append(data.decode("cp932" if b"shift_jis" in data[:500] else "utf-8", "replace"))
    return found


class TooSlowError(Exception):
    """Reading took longer than it may."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    def expire(signum: int, frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome_of(data: bytes) -> str:
    """ "read" with the format, or "refused" with the code. Whatever else happens is raised."""
    try:
        parsed = read_source("damaged", data)
    except UnreadableSource as error:
        return f"refused: {error.code}"
    render(parsed.ordinance)
    json.dumps(parsed_as_dict("damaged", parsed), ensure_ascii=False).encode()
    assert 0.0 <= parsed.unaccounted <= 1.0
    return f"read: {parsed.format}"


def main(
    count: int = 10_000,
    folder: Path | None = None,
    seed: int = 1,
    seconds: float = 5.0,
    keep: Annotated[Path | None, typer.Option(help="where files that fail are put")] = None,
) -> None:
    """Read --count damaged files and tell what came of them."""
    rng = random.Random(seed)
    texts = texts_of(folder)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    failed = 0
    for number in range(count):
        data = damaged(rng, rng.choice(texts))
        started = time.perf_counter()
        try:
            with time_limit(seconds):
                outcomes[outcome_of(data)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            failed += 1
            outcomes[f"FAILED: {type(error).__name__}"] += 1
            typer.echo(f"file {number}: {error!r}", err=True)
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number}").write_bytes(data)
        slowest = max(slowest, time.perf_counter() - started)
    for outcome, times in sorted(outcomes.items()):
        typer.echo(f"{times:7,} {outcome}")
    typer.echo(f"{count:,} files, {failed} failed, slowest {slowest:.2f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    typer.run(main)
