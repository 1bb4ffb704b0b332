"""Dates as exports write them: read strictly, by a stated format or by the one that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import StringColumn, StringValue, TimestampValue

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
_CLOCKS = (" %H:%M:%S", " %H:%M:%S.%f", " %H:%M", " %I:%M %p", " %I:%M:%S %p")
TIMES = (*_CLOCKS, *(f"T{each[1:]}" for each in _CLOCKS[:3]))
SAMPLE = 10_000
_TIME = r"[T ]\s*\d{1,2}:\d{2}.*$"
_TAIL = r"(:\d{2}(?:\.\d{1,6})?)\d*\s*(?:Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
_ZONE = r"\d\s*(?:Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_SHORT_YEAR = r"^\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3})[-/. ]\d{2}$"


@ibis.udf.scalar.builtin
def try_strptime(text: str, formats: list[str]) -> datetime:  # type: ignore[empty-body]
    """DuckDB's strict reading: empty where no format fits, or the day does not exist."""


class UndecidedError(Exception):
    """No format can be told from the values; the message ends a sentence about the column."""


@dataclass(frozen=True)
class Formats:
    """How the dates of a column are written; `timed` with a time of day, `zoned` with its zone.

    `tail`: what follows the microseconds must be cut off before reading.
    """

    formats: tuple[str, ...]
    timed: bool = False
    zoned: bool = False
    tail: bool = False
    stated: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reader of the loss report should know about the way dates were read."""
        first = self.formats[0]
        day = next((each for each in DAYS if first.startswith(each)), first)
        plain = self.stated or day == ISO
        said = "" if plain else f"dates read as {DAYS.get(day, day)} ({day!r})"
        zone = "times hold a zone, and are kept as the clock showed them" if self.zoned else ""
        return tuple(each for each in (said, zone) if each)

    def read(self, text: StringValue) -> TimestampValue:
        """The moment that a text names, as its writer's clock showed it; empty if unreadable.

        Years before 1000 are the reader's doing ('01/02/25' read as the year 25): see `sound`.
        """
        if self.tail:
            text = text.re_replace(_TAIL, r"\1")
        return try_strptime(text, list(self.formats)).cast("timestamp(6)")


def sound(moment: Any) -> Any:
    """Whether a moment that was read has a year of four digits."""
    return moment >= ibis.timestamp("1000-01-01 00:00:00")


def detect(texts: StringColumn, stated: Sequence[str] = (), *, private: bool = False) -> Formats:
    """The formats in which a column of texts writes its dates.

    A stated format is taken as it is. Otherwise the day's format is the one that reads at least
    95 % of the distinct values that any format reads (which must be half of all), next to
    year-month-day, which is always read. Times of day and zones are found by themselves. Raises
    UndecidedError when two formats that mean different days fit, for years of two digits, and when
    nothing fits; `private` keeps the values out of its words.
    """
    some = texts.as_table().distinct().limit(SAMPLE).to_pyarrow()[0]
    with duckdb.connect() as own:
        for each in stated:
            _refuse_no_format(own, each)
        _split(own, some)
        times = _times(own)
        days = tuple(each.replace("%z", "") for each in stated) or _days(own, private)
        if not days:
            every_day = texts.re_replace(_TIME, "").name("day").as_table().distinct()
            _split(own, every_day.to_pyarrow()[0])
            days = _days(own, private, last=True)
    whole = [each for each in days if "%H" in each or "%I" in each]
    formats = tuple(
        day + time
        for day in days
        for time in ((*times["formats"], "") if times["timed"] and day not in whole else ("",))
    )
    zoned = times["zoned"] or any("%z" in each for each in stated)
    tail = zoned or times["tail"]
    return Formats(formats, times["timed"] or bool(whole), zoned, tail, bool(stated))


def _refuse_no_format(own: duckdb.DuckDBPyConnection, stated: str) -> None:
    try:
        own.execute("SELECT strftime(DATE '2024-12-31', $1)", [stated]).fetchall()
    except duckdb.Error:
        known = False
    else:
        known = "%" in stated
    if not known:
        raise UndecidedError(
            f"cannot be read as {stated!r}, which is no date format. "
            "Write, for example, '%d/%m/%Y' as date_format"
        )


def _split(own: duckdb.DuckDBPyConnection, texts: pa.ChunkedArray) -> None:
    """The distinct values in a table of their own, the day and the time of day apart."""
    own.register("distinct_texts", pa.table({"text": texts}))
    own.execute(
        "CREATE OR REPLACE TABLE texts AS SELECT regexp_replace(text, $time, '') AS day, "
        "regexp_extract(text, $time) AS time FROM distinct_texts WHERE text IS NOT NULL",
        {"time": _TIME},
    )


def _times(own: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The forms of the times of day that occur, the most frequent first."""
    clock = f"regexp_replace('2000-01-01' || time, '{_TAIL}', '\\1')"
    forms = ", ".join(f"count(try_strptime({clock}, '{ISO}{each}'))" for each in TIMES)
    timed, zoned, tail, *counts = own.execute(
        "SELECT count_if(time <> ''), count_if(regexp_matches(time, $zone)), "
        f"count_if(regexp_matches(time, '\\.\\d{{7}}')), {forms} FROM texts",
        {"zone": _ZONE},
    ).fetchall()[0]
    found = dict(zip(TIMES, counts, strict=True))
    seen = sorted((each for each in TIMES if found[each]), key=lambda each: -found[each])
    rest = [each for each in TIMES if seen and not found[each] and each[0] == seen[0][0]]
    return {
        "timed": bool(timed),
        "zoned": bool(zoned),
        "tail": bool(tail),
        "formats": (*seen, *rest),
    }


def _days(own: duckdb.DuckDBPyConnection, private: bool, *, last: bool = False) -> tuple[str, ...]:
    """The day's formats; none when the values of a sample leave it open."""
    column = {each: f"d{place}" for place, each in enumerate(DAYS)}
    reads = ", ".join(
        f"CASE WHEN year(try_strptime(day, '{each}')) >= 1000 THEN try_strptime(day, '{each}') END"
        f" AS {name}"
        for each, name in column.items()
    )
    own.execute(
        f"CREATE OR REPLACE TABLE days AS SELECT day, {reads} FROM (SELECT DISTINCT day FROM texts)"
    )
    either = ", ".join(f"count(coalesce({column[ISO]}, {each}))" for each in column.values())
    every, readable, *counts = own.execute(
        f"SELECT count(*), count(coalesce({', '.join(column.values())})), {either} FROM days"
    ).fetchall()[0]
    if not every:
        return (ISO,)
    if readable * 2 < every:
        raise UndecidedError(_nothing_fits(own, private))
    found = dict(zip(DAYS, counts, strict=True))
    fitting = [each for each in DAYS if found[each] >= 0.95 * readable]
    if ISO in fitting:
        return (ISO,)
    if not fitting:
        raise UndecidedError("are written in several ways. Write them in one, or set date_format")
    for one, other in combinations(fitting, 2):
        differ = f"{column[one]} <> {column[other]}"
        example = _one(own, f"SELECT min(day) FROM days WHERE {differ}")
        if example and not last:
            return ()
        if example:
            shown = "" if private else f" ({example!r})"
            raise UndecidedError(
                f"may be {DAYS[one]} or {DAYS[other]}{shown}. "
                f"Set date_format to {one!r} or {other!r}"
            )
    return (fitting[0], ISO) if found[ISO] else (fitting[0],)


def _nothing_fits(own: duckdb.DuckDBPyConnection, private: bool) -> str:
    matching = f"SELECT min(day) FROM texts WHERE regexp_matches(day, '{_SHORT_YEAR}')"
    if example := _one(own, matching):
        shown = "" if private else f" ({example!r})"
        return (
            f"have years of two digits{shown}, which are never guessed. "
            "Set date_format, for example to '%d/%m/%y',"
        )
    return "are written in no way that is known. Map another column, or set date_format"


def _one(own: duckdb.DuckDBPyConnection, query: str) -> Any:
    return own.execute(query).fetchall()[0][0]
