"""What revisions say to a reader: the board's first line, and the paragraph above the table."""

from workbench import measures
from workbench.analyses.revisions.finding import REVISED, Revisions, figures, in_words, revised
from workbench.store import Workspace
from workbench.words import revisions as say

NAMED = 3  # measures named in the first line
NOT_KNOWN = "outcome not known"


def first_line(data: Workspace, found: Revisions | None) -> str:
    """Until when records are complete, how many outcomes nobody knows, which figures were revised.

    `found`: from `since_last`; None where this is the first report. The share is the latest
    complete one, as released; an export without outcomes says nothing of them.
    """
    complete_to = min(data.complete_to, data.as_of)
    share = ""
    if measures.definition(data, NOT_KNOWN).why_not is None:
        figure = figures(data, [NOT_KNOWN]).get(NOT_KNOWN)
        share = say.not_known(figure.value if figure else None)
    if found is None:
        return say.first_line(complete_to, share, say.FIRST_SHORT)
    rows = revised(found.table)
    changed = []
    for _, row in rows.head(NAMED).iterrows():
        part = max(REVISED, key=lambda each: abs(row[each]))
        changed.append(say.restated(row["measure"], sum(row[REVISED]), part, in_words(row["unit"])))
    more = max(len(rows) - NAMED, 0)
    return say.first_line(complete_to, share, say.since(found.period, found.again, changed, more))


def told(found: Revisions | None) -> str:
    """What became of the last report's figures, in a paragraph; also where there was none."""
    if found is None:
        return say.FIRST
    return " ".join(each for each in (found.sentence, found.settings_changed) if each)
