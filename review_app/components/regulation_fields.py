"""The fields of a regulation that a person adds: category, basis, type, PHASE and note."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from regulations import labels
from regulations.taxonomy import LegalBasis, categories, load_taxonomy
from review_app import labels_ja as ja
from review_app.labels_ja.handling import CHOOSE
from review_app.presenters import phase_label


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationFields:
    """What stands in the fields."""

    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    note: str


def regulation_fields(key: str) -> RegulationFields:
    """Draw the fields under widget keys that begin with `key`. Another category brings other types and phases."""
    left, right = st.columns(2, gap="small")
    known = [category.id for category in categories()]
    category = left.selectbox(
        ja.CATEGORY, known, format_func=labels.category_label, key=f"{key}_category", placeholder=CHOOSE
    )
    # 不明 first: nobody states a basis by leaving a field alone.
    bases = sorted(LegalBasis, key=lambda member: member is not LegalBasis.UNCLEAR)
    basis = right.selectbox(ja.BASIS, bases, format_func=labels.label, key=f"{key}_basis", placeholder=CHOOSE)
    taxonomy = load_taxonomy()[category]
    kind = st.selectbox(
        ja.TYPE, list(taxonomy.types), format_func=partial(labels.type_label, category), key=f"{key}_type_{category}",
        placeholder=CHOOSE,
    )  # fmt: skip
    phase = st.selectbox(
        ja.PHASE, list(taxonomy.phases), format_func=partial(phase_label, category), key=f"{key}_phase_{category}",
        placeholder=CHOOSE,
    )  # fmt: skip
    note = st.text_area(ja.NOTE, key=f"{key}_note", height=76, placeholder=ja.NOTE_HINT, max_chars=2000)
    return RegulationFields(category=category, regulation_type=kind, phase=phase, basis=basis, note=note or "")
