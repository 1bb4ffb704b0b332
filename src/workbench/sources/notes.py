"""Lines of the loss report about the rows of a file of which something is true."""

from collections.abc import Iterator

from ibis import _
from ibis.expr.types import BooleanValue, Table

from workbench.sources.rows import Note


def when(
    rows: Table,
    where: BooleanValue,
    column: str,
    problem: str,
    advice: str = "",
    *,
    show: str = "",
) -> Iterator[Note]:
    """A "noted" line with how many rows, and the first of them; none where there are none.

    `show` names a column of which the first of these rows may be shown as it stands.
    """
    found = rows.filter(where).aggregate(n=_.count(), first=_._row.min()).execute()
    if found.n[0]:
        first = int(found["first"][0])
        example = rows.filter(_._row == first)[show].execute()[0] if show else None
        yield Note(column, "noted", problem, int(found.n[0]), first, example, advice)
