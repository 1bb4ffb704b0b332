"""The months that a funder is told about, and rows of programmes under a row for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import commission as said

MONTHS = 12


@dataclass(frozen=True)
class Window:
    """Whole months, from the first day to the last, both inside."""

    first: date
    last: date
    months: int

    @property
    def title(self) -> str:
        """The months in words: "December 2024 to November 2025"."""
        return said.months(self.first, self.last)


def window(data: Workspace, wait_days: int = 0) -> Window | None:
    """The last 12 complete months, or as many as there are; None where no month is complete.

    A month is complete when it lies within what the records cover, and `wait_days` have passed
    since it ended.
    """
    known = min(data.as_of, data.complete_to, data.last_day) - timedelta(days=wait_days)
    period = Period.containing(known + timedelta(days=1)).previous()
    last, months, first = period.end, 0, period.start
    while months < MONTHS and period.start >= data.complete_from:
        months, first = months + 1, period.start
        period = period.previous()
    return Window(first, last, months) if months else None


def by_programme(
    data: Workspace, rows: pd.DataFrame, counts: Sequence[str], only: Sequence[str] = ()
) -> pd.DataFrame:
    """Counts of each programme, then of all: programme, line, clients, and the columns `counts`.

    rows: one row a thing counted: programme, client_id, and a number or truth for each count.
    `line` marks off what adds up to a total. `only`: of these programmes.
    """
    named = [
        name for name in data.settings.organisation.programmes if (rows["programme"] == name).any()
    ]
    order = [*named, *sorted(set(rows["programme"].dropna()) - set(named))]
    order = [name for name in order if name in only] if only else order
    kept = rows[rows["programme"].isin(order)]
    groups = [(name, "programmes", kept[kept["programme"] == name]) for name in order]
    groups.append((said.ALL, "all", kept))
    lines = [
        {"programme": name, "line": line, "clients": each["client_id"].nunique()}
        | {count: int(each[count].sum()) for count in counts}
        for name, line, each in groups
    ]
    table = pd.DataFrame(lines)
    return table.astype({"programme": "str", "line": "str"})
