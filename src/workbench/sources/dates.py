"""Dates as exports write them: read strictly, by a stated format or by the one that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import StringValue, Table, TimestampValue

ISO = "%Y-%m-%d"
DAYS = {
    ISO: "year-month-day",
    "%Y/%m/%d": "year/month/day",
    "%Y.%m.%d": "year.month.day",
    "%Y%m%d": "yearmonthday",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%d.%m.%Y": "day.month.year",
    "%m.%d.%Y": "month.day.year",
    "%d %b %Y": "day month year",
    "%d %B %Y": "day month year",
    "%d-%b-%Y": "day-month-year",
    "%b %d, %Y": "month day, year",
    "%B %d, %Y": "month day, year",
}
TIMES = (" %H:%M:%S", " %H:%M:%S.%f", " %H:%M", " %I:%M %p", " %I:%M:%S %p")
TIMES += tuple(f"T{each[1:]}" for each in TIMES[:3])
SAMPLE = 10_000
_TIME = r"[T ]\s*\d{1,2}:\d{2}.*$"
_TAIL = r"(:\d{2}(?:\.\d{1,6})?)\d*\s*(?:Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
_ZONE = r"\d\s*(?:Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_SHORT_YEAR = r"^\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3})[-/. ]\d{2}($|\s)"


@ibis.udf.scalar.builtin
def try_strptime(text: str, formats: list[str]) -> pd.Timestamp:  # type: ignore[empty-body]
    """DuckDB's strict reading: empty where no format fits, or the day does not exist."""


@dataclass(frozen=True)
class Formats:
    """How the dates of a column are written."""

    formats: tuple[str, ...]
    timed: bool = False
    zoned: bool = False
    tail: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reader of the loss report should know about the way dates were read."""
        day = self.formats[0]
        said = f"read as {DAYS.get(day[:8], day)} ({day!r})" if day[:8] != ISO else ""
        zone = "hold a time zone; kept as the clock showed it" if self.zoned else ""
        return tuple(each for each in (said, zone) if each)

    def read(self, text: StringValue) -> TimestampValue:
        """The moment that a text names, as its writer's clock showed it; empty if unreadable.

        Years before 1000 are the reader's doing ('01/02/25' read as the year 25): see `sound`.
        """
        if self.tail:
            text = text.re_replace(_TAIL, r"\1")
        return try_strptime(text, list(self.formats)).cast("timestamp(6)")


class UndecidedError(Exception):
    """No format can be told from the values; the message ends a sentence about the column."""


def detect(texts: StringValue, stated: Sequence[str] = (), *, private: bool = False) -> Formats:
    """The formats in which a column of texts writes its dates.

    A stated format is taken as it is. Otherwise the day's format is the one that reads at least
    95 % of the distinct values that any format reads (and half of all), next to year-month-day,
    which is always read. Times of day and zones are found by themselves. Raises UndecidedError when two
    formats that mean different days fit, for years of two digits, and when nothing fits;
    `private` keeps the values out of its words.
    """
    distinct = texts.as_table().distinct().rename(text=texts.get_name())
    distinct = distinct.filter(_.text.notnull())
    sample = _split(distinct.limit(SAMPLE))
    whole = tuple(each for each in stated if "%H" in each or "%I" in each)
    times = _times(sample)
    if stated:
        days = tuple(each.replace("%z", "") for each in stated)
    else:
        days = _days(sample, private) or _days(_split(distinct), private, last=True)
    formats = tuple(
        day + time
        for day in days
        for time in ((*times["formats"], "") if times["timed"] and day not in whole else ("",))
    )
    zoned = times["zoned"] or any("%z" in each for each in stated)
    return Formats(formats, times["timed"] or bool(whole), zoned, zoned or times["tail"])


def sound(moment: Any) -> Any:
    """Whether a moment that was read has a year of four digits."""
    return moment >= ibis.timestamp("1000-01-01 00:00:00")


def _read(text: StringValue, formats: Sequence[str]) -> TimestampValue:
    moment = Formats(tuple(formats)).read(text)
    return ibis.ifelse(sound(moment), moment, ibis.null("timestamp(6)"))


def _split(distinct: Table) -> Table:
    """Distinct values with the day and the time of day apart."""
    return distinct.mutate(
        day=_.text.re_replace(_TIME, ""), time=_.text.re_extract(_TIME, 0)
    ).cache()


def _times(sample: Table) -> dict[str, Any]:
    """The forms of the times of day that occur, the most frequent first."""
    clock = ("2000-01-01" + sample.time).re_replace(_TAIL, r"\1")
    counts = sample.aggregate(
        timed=(_.time != "").sum(),
        zoned=_.time.re_search(_ZONE).sum(),
        tail=_.time.re_search(r"\.\d{7}").sum(),
        **{f"t{i}": _read(clock, [ISO + each]).notnull().sum() for i, each in enumerate(TIMES)},
    )
    found = counts.execute().fillna(0).iloc[0]
    how_many = {each: found[f"t{i}"] for i, each in enumerate(TIMES)}
    seen = sorted((each for each in TIMES if how_many[each]), key=lambda each: -how_many[each])
    rest = [each for each in TIMES if seen and each not in seen and each[0] == seen[0][0]]
    return {
        "timed": bool(found["timed"]),
        "zoned": bool(found["zoned"]),
        "tail": bool(found["tail"]),
        "formats": (*seen, *rest),
    }


def _days(values: Table, private: bool, last: bool = False) -> tuple[str, ...]:
    """The day's formats; none when the values of a sample leave it open."""
    column = {each: f"d{i}" for i, each in enumerate(DAYS)}
    read = values.select("day", **{column[each]: _read(values.day, [each]) for each in DAYS})
    read = read.cache()
    reads = {each: read[column[each]].notnull() for each in DAYS}
    found = read.aggregate(
        all=_.count(),
        readable=ibis.or_(*reads.values()).sum(),
        **{column[each]: (reads[ISO] | reads[each]).sum() for each in DAYS},
    ).execute()
    found = found.fillna(0).iloc[0]
    if not found["all"]:
        return (ISO,)
    if found["readable"] * 2 < found["all"]:
        raise UndecidedError(_nothing_fits(values, private))
    fitting = [each for each in DAYS if found[column[each]] >= 0.95 * found["readable"]]
    if ISO in fitting:
        return (ISO,)
    if not fitting:
        raise UndecidedError("are written in several ways. Write them in one, or set date_format")
    for one, other in combinations(fitting, 2):
        differ = read[column[one]] != read[column[other]]
        example = read.filter(differ).day.min().execute()
        if not pd.isna(example) and not last:
            return ()
        if not pd.isna(example):
            shown = "" if private else f" ({example!r})"
            raise UndecidedError(
                f"may be {DAYS[one]} or {DAYS[other]}{shown}. "
                f"Set date_format to {one!r} or {other!r}"
            )
    return (fitting[0], ISO) if found[column[ISO]] else (fitting[0],)


def _nothing_fits(values: Table, private: bool) -> str:
    short = values.filter(_.day.re_search(_SHORT_YEAR)).day.min().execute()
    if not pd.isna(short):
        example = "" if private else f" ({short!r})"
        return (
            f"have years of two digits{example}, which are never guessed. "
            "Set date_format, for example to '%d/%m/%y'"
        )
    return "are written in no date format that is known. Set date_format, or map another column"
