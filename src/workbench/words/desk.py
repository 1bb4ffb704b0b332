"""What the analyst's desk says: outputs that are not kept, and the choices above a notebook."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from workbench.words.plain import day, listing, verbatim

NOT_KEPT = (
    "*The outputs of this notebook were not kept when it was saved: it is not certain that they "
    "were made from the sample alone, and outputs can hold people's records. Run the notebook to "
    "see them again; to pass results on, make a report with* `workbench run`."
)
KEPT = "what is known to be made from the sample alone is kept"


def not_kept(file: str, cells: int) -> str:
    """That a file was saved, or is to be committed, without the outputs of so many cells."""
    of = "1 cell" if cells == 1 else f"{cells} cells"
    return (
        f"{file}: the outputs of {of} were taken out before the notebook was saved, because it is "
        f"not certain that they were made from the sample alone ({KEPT}). Nothing else was "
        "changed; run the notebook to see them again."
    )


def not_read(file: str) -> str:
    """That a file is not a notebook."""
    return f"{file}: this cannot be read as a notebook. Give files that JupyterLab can open."


def not_saved(file: str) -> str:
    """That a file that is called a notebook is not saved, for nobody can say what is in it."""
    return (
        f"{file}: this was not saved, because it is called a notebook and could not be looked "
        "through, so that nobody can say whether its outputs hold people's records."
    )


def in_parts(file: str) -> str:
    """That a notebook is too large to be taken apart while it is being uploaded."""
    return (
        f"{file}: this notebook is too large to be looked through while it is uploaded, so it was "
        "not saved. Take its outputs out first: workbench strip, then upload it."
    )


# --- the list of questions ----------------------------------------------------------------------

HEADINGS = (
    "Question",
    "What it asks",
    "What it needs besides clients, enrolments and contacts",
    "Can these records answer it?",
)


def questions(rows: Sequence[tuple[str, str, str, str, str]]) -> str:
    """A table of (notebook, title, question, needs, answer); titles are links to notebooks."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for notebook, title, *cells in rows:
        link = f"[{verbatim(title)}]({quote(notebook)}.ipynb)"
        lines.append(f"| {' | '.join([link, *(_in_cell(each) for each in cells)])} |")
    return "\n".join(lines)


def needs(tables: Sequence[str]) -> str:
    """What a question needs besides the three tables that every export has."""
    return listing(tables) or "nothing"


def missing(tables: Sequence[str]) -> str:
    """That a question cannot be answered for want of tables."""
    sections = listing([f"[sources.{each}]" for each in tables])
    if len(tables) == 1:
        return f"No: the table {tables[0]} is missing. Add {sections} to the settings."
    return f"No: the tables {listing(tables)} are missing. Add {sections} to the settings."


def no(reason: str) -> str:
    """That a question cannot be answered, and why."""
    return f"No. {reason}"


def yes(without: Sequence[str]) -> str:
    """That a question can be answered, and what is left out."""
    if not without:
        return "Yes."
    return f"Yes, but for what takes {listing(without, 'or')}, which this export does not have."


def _in_cell(text: str) -> str:
    return verbatim(" ".join(text.split()))


# --- what stands out ----------------------------------------------------------------------------

NOTHING_STANDS_OUT = (
    "Nothing stands out: every measure that can be judged is within its usual range. Most months "
    "are like that."
)


def stands_out(sentences: Sequence[str], others: int) -> str:
    """The first things that stand out, as a list, and how many more there are."""
    if not sentences:
        return NOTHING_STANDS_OUT
    lines = [f"{place}. {each}" for place, each in enumerate(sentences, start=1)]
    if others:
        more = "1 more stands out" if others == 1 else f"{others} more stand out"
        lines.append(f"\n{more}: see [How is the service doing?](performance.ipynb).")
    return "\n".join(lines)


def reach(first: date, complete_to: date, last: date) -> str:
    """How far the records go."""
    return (
        f"The records begin on {day(first)} and stop on {day(last)}. They can be taken as complete "
        f"up to {day(complete_to)}: of what happened later, entries are still to come."
    )


# --- choices above a notebook -------------------------------------------------------------------

CHOICES = {
    "period": "Period",
    "programme": "Programme",
    "compare_by": "Compare by",
    "support": "Support",
    "event": "Event",
}
ALL_PROGRAMMES = "all programmes"
AS_SETTINGS = "as the settings say"
RUNS_ON = (
    "After a choice the notebook runs again from here. If nothing happens, choose Run, then Run "
    "Selected Cell and All Below. The choice is not saved: the next start begins with the cell "
    "above."
)
LENGTHS = {3: "quarter", 12: "year"}


def period(title: str, months: int) -> str:
    """A period on offer: November 2025; January to March 2025 (quarter)."""
    return f"{title} ({LENGTHS[months]})" if months in LENGTHS else title
