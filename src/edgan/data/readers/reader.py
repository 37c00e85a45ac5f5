"""What every layout gives to the registry of layouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from edgan.data.listing import Listing
from edgan.data.tree import Tree


class Reader(NamedTuple):
    """A layout of data sets.

    Attributes:
        kind: its name.
        recognises: whether the files of a tree are laid out so.
        read: what the files hold. Raises EdganError where the layout's own files (metadata, labels) are wrong.
        recognises_pairs: for a layout of pairs: whether the INPUT of a verb holds such pairs. It may ask for less than
            `recognises`. None: the layout has no pairs.
    """

    kind: str
    recognises: Callable[[Tree], bool]
    read: Callable[[Tree], Listing]
    recognises_pairs: Callable[[Tree], bool] | None = None
