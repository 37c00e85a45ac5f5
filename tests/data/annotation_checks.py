"""What a damaged list or table must do: a note where images are wanted, an error where its layout is."""

import re
from pathlib import Path

import pytest

from edgan.data import Dataset, open_dataset
from edgan.errors import EdganError


def noted_and_refused_if_asked_for(folder: Path, layout: str, sentence: str) -> Dataset:
    with pytest.raises(EdganError, match=sentence):
        open_dataset(folder, size=8, layout=layout)
    data = open_dataset(folder, size=8)
    assert data.attributes is None
    assert any(re.search(sentence, note) for note in data.notes)
    return data
