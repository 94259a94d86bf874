"""Damage to documents and bundles gives a result or a refusal in words, and never a crash."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulations.sources.archives import Bundle
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import provisions
from tests.regulations import pdf_files, test_docx, test_odt
from tests.regulations.test_archives import bundle_of

ARTICLE = "第一条　桟橋を点検する。"
PACKAGES = {
    "docx": test_docx.data_of(test_docx.document(ARTICLE)),
    "odt": test_odt.data_of(test_odt.document(ARTICLE)),
}
FILES = {**PACKAGES, "pdf": pdf_files.pdf(pdf_files.page([*test_docx.HEAD, ARTICLE]))}


def damaged(draw: st.DataObject, original: bytes) -> bytes:
    start = draw.draw(st.integers(0, len(original)))
    end = draw.draw(st.integers(start, min(len(original), start + 100)))
    patch = draw.draw(st.one_of(st.binary(max_size=20), st.just(original[start:end] * 3)))
    return original[:start] + patch + original[end:]


def read(data: bytes) -> None:
    try:
        parsed = read_source("file", data)
    except UnreadableSource as refused:
        assert refused.message
        return
    assert all(str(provision.ref) and provision.text for provision in provisions(parsed.ordinance))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, deadline=None)
@given(draw=st.data())
def test_a_damaged_file_is_read_or_refused(name: str, draw: st.DataObject) -> None:
    read(damaged(draw, FILES[name]))


@pytest.mark.parametrize("name", PACKAGES)
@settings(max_examples=25, deadline=None)
@given(draw=st.data())
def test_a_package_with_a_damaged_part_is_read_or_refused(name: str, draw: st.DataObject) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PACKAGES[name])) as old, zipfile.ZipFile(stream, "w") as new:
        parts = old.infolist()
        struck = draw.draw(st.sampled_from([part.filename for part in parts if part.filename.endswith(".xml")]))
        for part in parts:
            data = old.read(part)
            new.writestr(part, damaged(draw, data) if part.filename == struck else data)
    read(stream.getvalue())


@settings(max_examples=50, deadline=None)
@given(draw=st.data())
def test_a_damaged_bundle_gives_its_members_or_refuses_them(draw: st.DataObject) -> None:
    data = damaged(draw, bundle_of({"a.txt": ARTICLE.encode(), "b.zip": bundle_of({"c.txt": b"1"})}))
    try:
        with Bundle(data, limits=Limits(max_bytes=10**6)) as bundle:
            for member in bundle.members:
                try:
                    assert isinstance(bundle.read(member), bytes)
                except UnreadableSource as refused:
                    assert refused.message
    except UnreadableSource as refused:
        assert refused.message
