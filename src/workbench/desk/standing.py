"""The first things that stand out, and how far the records go: what the landing notebook says."""

from workbench import words
from workbench.analyses import signals
from workbench.store import Workspace
from workbench.words import desk as said

FLAGS = ("concern", "improvement", "high", "low")  # in the order in which they are told
FIRST = 3


def stands_out(data: Workspace, first: int = FIRST) -> str:
    """The first measures out of the ordinary, concerns before good news, as a list in Markdown.

    Worked out from released numbers, so it may be published. Raises as `signals.overview`.
    """
    found = signals.overview(data).headlines
    flagged = found[found["reading"].isin(FLAGS)]
    flagged = flagged.sort_values("reading", key=lambda each: each.map(FLAGS.index), kind="stable")
    sentences = [str(each) for each in flagged["sentence"]]
    return said.stands_out(sentences[:first], max(0, len(sentences) - first))


def reach(data: Workspace) -> str:
    """From when to when the records go, what is known on the as-of date, and who was left out."""
    known = words.known(data.as_of, data.complete_to, data.left_out)
    return f"{said.reach(data.complete_from, data.complete_to, data.last_day)} {known}"
