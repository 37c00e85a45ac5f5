"""What a reader should take from a row, in a sentence."""

from __future__ import annotations

from reproduction.framework.judgement import AGAIN, TOO_SHORT, Judgement
from reproduction.framework.verdict import FAILS, HOLDS
from reproduction.takeaways import SEEN

BY_VERDICT = {
    HOLDS: "The claim can be relied on at this scale.",
    FAILS: "Do not rely on the claim at this scale.",
    AGAIN: "Nothing until it is run again: the code has changed since.",
}


def takeaway(judgement: Judgement) -> str:
    """The row's own words about what was seen, and what would decide it, if its trainings were too short."""
    seen = SEEN.get((judgement.result.id, judgement.result.date), "")
    said = [seen] if seen else []
    if judgement.verdict == TOO_SHORT:
        said.append(f"To decide it needs {judgement.needed_first}.")
    elif judgement.verdict == AGAIN or not seen:
        said.append(BY_VERDICT.get(judgement.verdict, "Nothing yet: the intervals contain both answers."))
    return " ".join(said)
