"""Numbers, ranges, days, lists and names as they are read everywhere."""

import re
from collections.abc import Sequence
from datetime import date

SMALLEST = 0.001  # smaller numbers are written as "less than" it


def number(value: float | None, unit: str = "") -> str:
    """A number as it is read: 61%, 1.5%, 1,234, 12.3 days, 0.08; "not shown" for a missing one.

    `unit`: "%" for a share from 0 to 1, "points" for the difference of two shares, "count" for
    whole numbers, or a word to put behind it. Cards, sentences, charts and tables all write this.
    """
    if value is None or value != value:
        return "not shown"
    if unit in {"%", "points"}:
        written = _digits(100 * value, 0 if 10 <= abs(100 * value) <= 99 else 1)
        return f"{written}%" if unit == "%" else _with(written, unit)
    if unit == "count":
        return _digits(value, 0)
    size = abs(value)
    if 0 < size < SMALLEST:
        return f"<{SMALLEST}" if value > 0 else f">−{SMALLEST}"
    written = _digits(value, 0 if size >= 100 else 1 if size >= 1 else 2 if size >= 0.01 else 3)
    return _with(written, unit) if unit else written


def between(low: float, high: float, unit: str = "") -> str:
    """A range as it is read: 4% to 14%, 6.2 to 31.5 days, −2 to 8 points."""
    bare = number(low, unit if unit in {"%", "count"} else "")
    if unit == "points":
        bare = number(low, unit).rsplit(" ", 1)[0]
    return f"{bare} to {number(high, unit)}"


def day(value: date) -> str:
    """A day as it is read: 30 November 2025."""
    return f"{value.day} {value:%B %Y}"


def listing(names: Sequence[str], last: str = "and") -> str:
    """Names in a row: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def verbatim(text: str) -> str:
    """A name from the records as it stands, where a sentence is Markdown: nothing in it is live."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def p_value(p: float) -> str:
    """How often chance alone would do this, in two digits: p = 0.032; empty where not known."""
    if p != p:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def signed(value: float, unit: str) -> str:
    """A difference with its sign: +3 points, −0.5 days."""
    return ("+" if value > 0 else "−") + number(abs(value), "points" if unit == "%" else unit)


def _with(written: str, unit: str) -> str:
    """A number before its word: 1 day, 2 days."""
    return f"{written} {unit.removesuffix('s') if written in {'1', '−1'} else unit}"


def _digits(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removeprefix("-") if text.strip("-0") == "" else text.replace("-", "−")
