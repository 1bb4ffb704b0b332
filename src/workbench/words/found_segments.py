"""What is said of segments found in the data, and of data in which there are none."""

from collections.abc import Sequence

from workbench.words.plain import listing, number, verbatim

NONE = "no clear segments"
LEFT_OUT = {
    "nothing recorded": "nothing is recorded in it",
    "too little recorded": "it is recorded for too few people",
    "the same for everyone": "it is the same for everyone",
    "nearly the same for everyone": "it is the same for nearly everyone",
    "all different": "it is different for everyone, as an id or a name is",
    "too many values": "it has {different} different values; put them together in groups",
    "too rare values": "each of its values is too rare",
    "of several kinds": "it mixes numbers, words or other things; give one kind",
    "lists": "its cells hold lists; give one value a cell",
    "dates": "it holds dates; give an age or a number of days",
    "the same as another": "it says the same as {other}",
}
WHY_NOT = {
    "too few people": "There are too few people to tell: segments need at least {fewest}.",
    "too few columns": "Fewer than two columns can be used, and people can only be alike in "
    "several things together.",
    "not stable": "Looked for in one half of the people and in the other, the segments were not "
    "the same.",
    "no more than expected": "What there is, is no clearer than in data without segments: traits "
    "shade into one another.",
    "too small": "Those that could be told apart are too small to speak of.",
}


def found(segments: int, people: int | None, agreement: float) -> str:
    """That there are segments, how many, and how surely."""
    who = "these people" if people is None else f"{number(people, 'count')} people"
    return (
        f"Among {who} there are {segments} clear segments. Looked for in one half of the people "
        f"and in the other, they were {_alike(agreement)} the same."
    )


def not_found(reason: str, fewest: int = 0) -> str:
    """That there are no clear segments, and why."""
    return f"There are no clear segments in these data. {WHY_NOT[reason].format(fewest=fewest)}"


def left_out(reason: str, *, different: int = 0, other: str = "") -> str:
    """Why a column is not used."""
    return LEFT_OUT[reason].format(different=number(different, "count"), other=_name(other))


def no_frame(kind: str) -> str:
    """Refuses what is no table."""
    return f"segments: a {kind} was given. Give a table (DataFrame), one row a client."


def twice(names: Sequence[str]) -> str:
    """Refuses columns of one name."""
    several = [f"'{each}'" for each in names]
    return f"segments: columns: {listing(several)} came more than once. Give each one name."


def people_again(rows: int, of: int) -> str:
    """Refuses people who come twice."""
    return (
        f"segments: index: {number(rows, 'count')} of {number(of, 'count')} rows are of a client "
        "who has a row already. Give one row a client."
    )


def endless(name: str, rows: int, of: int) -> str:
    """Refuses numbers that are infinite."""
    return (
        f"segments: {name}: {number(rows, 'count')} of {number(of, 'count')} are infinite. Leave "
        "empty what is not known."
    )


def _alike(agreement: float) -> str:
    return "almost exactly" if agreement >= 0.95 else "nearly" if agreement >= 0.85 else "largely"


def _name(name: str) -> str:
    return verbatim(name.replace("_", " "))


def described(traits: Sequence[str]) -> str:
    """What a segment is like, from its traits."""
    if not traits:
        return "Much like everyone."
    written = "; ".join(traits)
    return f"{written[0].upper()}{written[1:]}."


def number_trait(name: str, here: float, everyone: float, difference: float) -> str:
    """A number in which a segment stands out: high or low, and what is typical."""
    parts, high = name.replace("_", " ").casefold().split(), difference > 0
    if "age" in parts:
        what = "older" if high else "younger"
    elif parts and parts[0] in ("contact", "contacts", "needs", "children", "visits", "missed"):
        what = f"{'many' if high else 'few'} {_name(name)}"
    else:
        what = f"{'high' if high else 'low'} {_name(name)}"
    return f"{what} (about {_typical(here)}, everyone about {_typical(everyone)})"


def value_trait(name: str, value: str, share: float) -> str:
    """A value that a segment has more often than everyone else."""
    often = "mostly" if share >= 0.5 else "more often"
    return f"{_name(name)} {often} {verbatim(value)}"


def _typical(value: float) -> str:
    return number(round(value)) if abs(value) >= 10 else number(round(value, 1))


def not_found_before(kind: str) -> str:
    """Refuses to match what is not found segments."""
    return (
        f"segments: match: a {kind} was given. Give what segments.find returned for each of the "
        "two periods."
    )


def matched(
    same: Sequence[int],
    new: Sequence[int],
    gone: Sequence[int],
    both: int | None,
    moved: int | None,
) -> str:
    """Which segments were there last period; counts may be None where they are not shown."""
    if not same and not new and not gone:
        return "There are no clear segments, and there were none last period."
    parts = []
    if same:
        parts.append(f"{_numbered(same)} {_was(same)} there last period too.")
    if new:
        parts.append(f"{_numbered(new)} {'is' if len(new) == 1 else 'are'} new.")
    if gone:
        parts.append(f"{_numbered(gone)} of last period {'is' if len(gone) == 1 else 'are'} gone.")
    if both == 0:
        parts.append("Nobody is in a segment of both periods, so none could be matched.")
    elif same and both is not None and moved is not None:
        parts.append(
            f"Of the {number(both, 'count')} people who are in a segment of both periods, "
            f"{number(moved, 'count')} changed segment."
        )
    return " ".join(parts)


def _numbered(segments: Sequence[int]) -> str:
    named = listing([str(each) for each in segments])
    return f"{'Segment' if len(segments) == 1 else 'Segments'} {named}"


def _was(segments: Sequence[int]) -> str:
    return "was" if len(segments) == 1 else "were"
