"""Reporting periods, with every boundary stated once.

Known = up to and including the as-of date (a period's `end`); follow-up = the days after it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.errors import SettingsError

MONTH_NAMES = calendar.month_name[1:]
_FORM = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})|-[Qq](?P<quarter>\d))?")


def month_start(year: int, month: int) -> date:
    """First day of a month; months below 1 or above 12 run on into other years."""
    years, month_index = divmod(month - 1, 12)
    return date(year + years, month_index + 1, 1)


@dataclass(frozen=True)
class Period:
    """A month, quarter or year: `start` and `end` are its first and last day, both inside it."""

    name: str
    start: date
    end: date
    months: int
    year_starts: int = 1

    @classmethod
    def parse(cls, text: str, year_starts: int = 1) -> "Period":
        """Read "2025-11", "2025-Q4" or "2025".

        `year_starts` is the month in which the organisation's year begins: with 4, "2025" is
        April 2025 to March 2026 and "2025-Q4" is January to March 2026.
        Raises SettingsError for anything else.
        """
        form = _FORM.fullmatch(str(text).strip())
        if form is None or form["year"] == "0000":
            raise SettingsError(_not_a_period(text))
        year = int(form["year"])
        if form["month"]:
            first, months, name = int(form["month"]), 1, f"{year}-{form['month']}"
        elif form["quarter"]:
            quarter = int(form["quarter"])
            first, months, name = year_starts + 3 * (quarter - 1), 3, f"{year}-Q{quarter}"
            if not 1 <= quarter <= 4:
                raise SettingsError(_not_a_period(text))
        else:
            first, months, name = year_starts, 12, f"{year}"
        if form["month"] and not 1 <= first <= 12:
            raise SettingsError(_not_a_period(text))
        start = month_start(year, first)
        end = month_start(start.year, start.month + months) - timedelta(days=1)
        return cls(name, start, end, months, year_starts)

    @classmethod
    def containing(cls, day: date, months: int = 1, year_starts: int = 1) -> "Period":
        """The month (1), quarter (3) or year (12) that a day belongs to."""
        if months == 1:
            return cls.parse(f"{day:%Y-%m}", year_starts)
        year = day.year - (day.month < year_starts)
        if months == 12:
            return cls.parse(f"{year:04d}", year_starts)
        quarter = ((day.month - year_starts) % 12) // 3 + 1
        return cls.parse(f"{year:04d}-Q{quarter}", year_starts)

    def previous(self) -> "Period":
        """The period of the same length just before this one."""
        return Period.containing(self.start - timedelta(days=1), self.months, self.year_starts)

    @property
    def title(self) -> str:
        """The period in words: "November 2025", "January to March 2026"."""
        first = f"{MONTH_NAMES[self.start.month - 1]} {self.start.year}"
        if self.months == 1:
            return first
        if self.start.year == self.end.year:
            first = MONTH_NAMES[self.start.month - 1]
        return f"{first} to {MONTH_NAMES[self.end.month - 1]} {self.end.year}"


def _not_a_period(text: str) -> str:
    return (
        f"period: {str(text)[:30]!r} is not a period. "
        'Write a month as "2025-11", a quarter as "2025-Q4" or a year as "2025".'
    )
