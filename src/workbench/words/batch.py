"""What is said of a release: how many of its reports are there, and why the others are not."""

from collections.abc import Sequence

NAMED = (
    "release: its own page or run.json would hold an id of a client or of a worker who is none of "
    "its readers, so nothing was put in place. Look for it in the names of the input files and in "
    "the reasons of reports that failed."
)


def made(states: Sequence[str], new: int) -> str:
    """How a release came out. `states`: of its reports; `new`: how many this run made."""
    done = states.count("done")
    noun = "report" if len(states) == 1 else "reports"
    if not new:
        return f"{done} of {len(states)} {noun} done before; nothing was left to do (--force)."
    parts = [f"{done} of {len(states)} {noun} done"]
    parts += [f"{states.count(each)} {each}" for each in ("failed", "withheld") if each in states]
    before = len(states) - new
    parts += [f"{before} of them made before"] if before > 0 else []
    return f"{', '.join(parts)}."
