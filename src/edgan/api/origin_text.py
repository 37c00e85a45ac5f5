"""Where a run came from, in words: for the terminal, the report and `edgan explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgan.errors import counted

NAMED = 4
"""New layers that are named before the rest is counted."""


def origin_text(record: Mapping[str, Any] | None) -> str:
    """The runs that a run came from, the nearest first; "" for one that started from nothing.

    Args:
        record: "started_from" of its run.json.

    Returns:
        "runs/portraits (cdnet, step 2,400), which started from zoo:faces (cdnet, step 1,567)".
    """
    if not record:
        return ""
    text = f"{record['run']} ({record['method']}, step {record['step']:,})"
    earlier = origin_text(record.get("started_from"))
    return f"{text}, which started from {earlier}" if earlier else text


def taken_text(record: Mapping[str, Any], old: Sequence[str], new: Sequence[str]) -> str:
    """What a training took from another run and what is new, as a short paragraph.

    Args:
        record: "started_from" of its run.json.
        old, new: the attributes, or classes, of the other run and of the new one.
    """
    networks: Mapping[str, Mapping[str, Any]] = record["networks"]
    whole = [f"{name} ({part['of']:,})" for name, part in networks.items() if part["taken"] == part["of"] > 0]
    partly = [
        f"{name} ({part['taken']:,} of {part['of']:,}; new: {_some(part['new_layers'])})"
        for name, part in networks.items()
        if 0 < part["taken"] < part["of"]
    ]
    fresh = [f"{name} ({part['of']:,})" for name, part in networks.items() if not part["taken"] and part["of"]]
    sentences = [f"Started from {origin_text({**record, 'started_from': None})}; weights in brackets."]
    sentences += [f"Taken: {', '.join(whole)}."] if whole else []
    sentences += [f"Taken in part: {', '.join(partly)}."] if partly else []
    sentences += [f"New: {', '.join(fresh)}."] if fresh else []
    if tuple(old) != tuple(new) and old and new:
        kept, added = [name for name in new if name in old], [name for name in new if name not in old]
        sentences.append(f"Kept by name: {', '.join(kept) or 'none'}; new names: {', '.join(added) or 'none'}.")
    return " ".join(sentences)


def _some(layers: Sequence[str]) -> str:
    if not layers:
        return "what belongs to new attributes"
    more = len(layers) - NAMED
    return ", ".join(layers[:NAMED]) + (f" and {counted(more, 'more layer')}" if more > 0 else "")
