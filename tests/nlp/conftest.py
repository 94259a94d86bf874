"""GiNZA takes seconds to load: once a session."""

from __future__ import annotations

import pytest
from spacy.language import Language

from nlp.classifier import Classifier
from nlp.pipeline import load_pipeline


@pytest.fixture(scope="session")
def pipeline() -> Language:
    return load_pipeline()


@pytest.fixture(scope="session")
def classifier(pipeline: Language) -> Classifier:
    return Classifier(pipeline)
