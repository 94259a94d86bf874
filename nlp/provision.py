"""What detection takes in and gives back. Frozen: results can be cached by input hash and pipeline version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain

from regulations.definitions import names_used
from regulations.taxonomy import LegalBasis

NATIONAL_KINDS = frozenset({"act", "cabinet_order", "ministerial", "ministerial_ordinance", "imperial_order"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionInput:
    """One paragraph with its items. `text` holds the items one a line; `caption` is the article's.

    `definitions` are the short names its instrument gives to legislation (`regulations.definitions`), at least
    those that the text uses: {"法": "建築基準法（昭和二十五年法律第二百一号）"}.
    """

    id: str
    text: str
    law: str = ""
    law_no: str = ""
    kind: str = ""
    article: str = ""
    paragraph: str = ""
    caption: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_national(self) -> bool:
        return self.kind in NATIONAL_KINDS


def input_hash(provision: ProvisionInput) -> str:
    """Hex digest of all that a finding depends on: title, kind, caption, text and definitions used, not its place."""
    digest = sha256()
    used = names_used(provision.text, provision.definitions)
    for part in (provision.law, provision.kind, provision.caption, provision.text, *chain(*used.items())):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A half-open span of the original text, with its words."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One category a provision falls under. `rule_ids` are those whose finds support it."""

    category: str
    type: int
    phase: int
    probability: float
    evidence: tuple[Evidence, ...]
    reason: str
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What detection says of one provision. `scores` has the probability of every category, flagged or not.

    `basis_reason` names the law behind a short name; `non_reasons` says of near misses (category -> Japanese
    sentence) why they were not flagged.
    """

    id: str
    labels: tuple[Label, ...]
    scores: Mapping[str, float]
    basis: LegalBasis
    basis_evidence: tuple[Evidence, ...]
    basis_reason: str = ""
    non_reasons: Mapping[str, str] = field(default_factory=dict)
