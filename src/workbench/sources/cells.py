"""From the cells of a part's rows to typed values, strictly, with what is wrong with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis

LONGEST = 1000
TRUE = ("true", "yes", "y", "t", "1")
FALSE = ("false", "no", "n", "f", "0")
_SPACE = "\t\n\x0b\x0c\r \xa0\ufeff"
_LAST_PLAIN = "\x7f"  # a text that begins or ends beyond it, or before "!", may have outer space
# Line breaks, other control characters, and marks that turn the direction of what follows.
BREAKS = "[\\x00-\\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
FORMULA = r"^([=@]|[+-][A-Za-z(=@])"
_PLAIN = {".": r"^[+-]?[0-9]*\.?[0-9]+$", ",": r"^[+-]?[0-9]*,?[0-9]+$"}
GROUPED = {  # thousands that can be nothing else
    ".": r"^[+-]?[0-9]{1,3}((,[0-9]{3})+\.[0-9]+|(,[0-9]{3}){2,})$",
    ",": r"^[+-]?[0-9]{1,3}((\.[0-9]{3})+,[0-9]+|(\.[0-9]{3}){2,})$",
}
PERHAPS_GROUPED = r"^[+-]?[0-9]{1,3}([., '\x{a0}\x{202f}][0-9]{3})+([.,][0-9]+)?$"


@ibis.udf.scalar.builtin
def trim(text: str, characters: str) -> str:  # type: ignore[empty-body]
    """DuckDB's trim of any of these characters."""


@ibis.udf.scalar.builtin
def epoch_us(moment: datetime) -> int:  # type: ignore[empty-body]
    """Microseconds since 1970 in UTC, whatever the zone of the connection."""


@ibis.udf.scalar.builtin
def make_timestamp(microseconds: int) -> datetime:  # type: ignore[empty-body]
    """The moment so many microseconds after 1970."""


@dataclass(frozen=True)
class Column:
    """A column to be read: what it should hold and what the settings say of its values."""

    name: str
    kind: str
    required: bool
    allowed: tuple[str, ...]
    mapping: Mapping[str, str] = field(hash=False)
    section: str

    @property
    def raw(self) -> str:
        """The name of its trimmed text while it is being read."""
        return f"_raw_{self.name}"

    @property
    def text_name(self) -> str:
        """The name of its text after the mapping of values."""
        return f"_text_{self.name}"

    @property
    def private(self) -> bool:
        """Whether no value of it may ever be shown."""
        return self.kind == "key" or self.name == "birth_date"

    @property
    def shows(self) -> str:
        """What an example may tell of a value."""
        shows = {"date": "date", "moment": "date", "category": "category"}
        return "" if self.private else shows.get(self.kind, "shape")

    @property
    def known(self) -> dict[str, str]:
        """Value in the file -> ours, for all values that settings or declaration name."""
        own = {each: each for each in self.allowed}
        if self.kind == "category" and self.mapping:
            own |= {each: each for each in self.mapping.values() if each}
        return {**own, **self.mapping}

    @property
    def folded(self) -> dict[str, str]:
        """`known` for any letter case; empty where letter case makes a difference."""
        folded: dict[str, str] = {}
        for key, value in self.known.items():
            if folded.setdefault(key.lower(), value) != value:
                return {}
        return folded

    def text(self, raw: Any) -> Any:
        """Its text after the mapping of values; a value mapped to nothing is empty."""
        if self.folded:
            text = raw.lower().cases(*self.folded.items(), else_=raw)
        elif self.known:
            text = raw.cases(*self.known.items(), else_=raw)
        else:
            text = raw
        return (one_line(text) if self.kind == "category" else text).nullif("")


def trimmed(column: Any) -> Any:
    """A column's text without outer space of any kind; empty text is no value."""
    last = column.right(1)
    spaced = (column < "!") | (column > _LAST_PLAIN) | (last < "!") | (last > _LAST_PLAIN)
    return ibis.ifelse(spaced, trim(column, _SPACE), column).nullif("")


def one_line(text: Any) -> Any:
    """A text on one line: a line break in a name would begin a heading or a list where it is told.

    Control characters become spaces, and so do marks that turn the direction of what follows.
    """
    broken = text.re_search(BREAKS)
    return ibis.ifelse(broken, trimmed(text.re_replace(BREAKS, " ")), text)


def plain(column: Any) -> Any:
    """A typed column as text: whole numbers without a point, true and false in words."""
    dtype = column.type()
    if dtype.is_string():
        return trimmed(column)
    if dtype.is_floating():
        whole = (column == column.floor()) & (column.abs() < 1e15)
        text = ibis.ifelse(whole, column.cast("int64").cast("string"), column.cast("string"))
        return ibis.ifelse(column.isnan(), ibis.null("string"), text)
    if dtype.is_timestamp():
        return wall(column).cast("string")
    return column.cast("string")


def wall(column: Any) -> Any:
    """A typed date or moment without its zone: times with a zone are kept in UTC."""
    dtype = column.type()
    if dtype.is_timestamp() and dtype.timezone:
        return make_timestamp(epoch_us(column)).cast("timestamp(6)")
    return column.cast("timestamp(6)")


def fits(column: Column, dtype: Any) -> bool:
    """Whether a typed column needs no reading of text."""
    if column.known:
        return False
    return {
        "key": not dtype.is_string(),
        "category": not dtype.is_string(),
        "date": dtype.is_date() or dtype.is_timestamp(),
        "moment": dtype.is_date() or dtype.is_timestamp(),
        "number": dtype.is_numeric() and not dtype.is_boolean(),
        "boolean": dtype.is_boolean(),
    }[column.kind]


def number(text: Any, decimal: str) -> Any:
    """A number with this decimal sign, thousands marked only where it can be nothing else."""
    thousands = "," if decimal == "." else "."
    digits = ibis.cases(
        (text.re_search(_PLAIN[decimal]), text),
        (text.re_search(GROUPED[decimal]), text.replace(thousands, "")),
    )
    value = digits.replace(",", ".").try_cast("float64")
    return ibis.ifelse(value.isinf(), None, value)


def boolean(text: Any) -> Any:
    """True for true, yes, y, t, 1; false for false, no, n, f, 0; in any letter case."""
    low = text.lower()
    return ibis.cases((low.isin(TRUE), True), (low.isin(FALSE), False))
