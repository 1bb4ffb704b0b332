"""What each chart shows, in words, for readers who cannot see it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.grid import guess_kind, records, write
from workbench.words import READINGS, sweet_spot
from workbench.words.units import OUTSIDE

MOST_NAMED = 4  # flags, rows or groups named one by one


def signal(
    table: pd.DataFrame,
    title: str,
    unit: str,
    kinds: Mapping[str, str],
    changes: Sequence[Mapping[str, Any]] = (),
) -> str:
    """A control chart: how long, where it stands, what is flagged, what was changed."""
    rows = records(table)
    when = kinds["interval"]
    known = [row for row in rows if row["value"] is not None]
    span = f"{write(rows[0]['interval'], when)} to {write(rows[-1]['interval'], when)}"
    said = [f"Line chart of {title}, {span}."]
    if not known:
        return f"{said[0]} No value can be shown."
    values = [row["value"] for row in known]
    low, high = write(min(values), unit), write(max(values), unit)  # type: ignore[type-var]
    said.append(f"Between {low} and {high}.")
    last = known[-1]
    latest = f"Latest, {write(last['interval'], when)}: {write(last['value'], unit)}"
    if last.get("lower") is not None and last.get("upper") is not None:
        limits = f"{write(last['lower'], unit)} to {write(last['upper'], unit)}"
        latest += f"; limits {limits}"
    said.append(f"{latest}.")
    said.append(_flags(known, unit, when) if "reading" in table else "")
    said.append(_count(len(rows) - len(known), "value", "not shown."))
    said += [f"Changed on {row['shown']}: {row['description']}." for row in changes]
    return " ".join(sentence for sentence in said if sentence)


def _flags(rows: Sequence[Mapping[str, Any]], unit: str, when: str) -> str:
    flagged = [row for row in rows if row["reading"]]
    if not flagged:
        return "No point is flagged."
    named = [
        f"{write(row['interval'], when)}, {write(row['value'], unit)} ({READINGS[row['reading']]})"
        for row in flagged[-MOST_NAMED:]
    ]
    last = ", the last of them" if len(flagged) > MOST_NAMED else ""
    return f"{_count(len(flagged), 'point', 'flagged')}{last}: {'; '.join(named)}."


def curves(
    table: pd.DataFrame, title: str, time: str, value: str, by: str | None, unit: str
) -> str:
    """Curves over time: where each group ends."""
    ends = []
    for group, rows in table.groupby(by, sort=False) if by else [("", table)]:
        known = rows.dropna(subset=[value])
        name = f"{group}: " if by else ""
        if known.empty:
            ends.append(f"{name}not shown")
            continue
        last = records(known.tail(1))[0]
        ends.append(
            f"{name}{write(last[value], 'percent')} at {write(last[time], 'number')} {unit}"
        )
    return f"Curves of {title}. {'; '.join(ends)}."


def rows(
    table: pd.DataFrame, title: str, label: str, value: str, unit: str, chart: str = "Bar chart"
) -> str:
    """Bars or lines by row: every row when they are few, else the largest and the smallest."""
    shown = records(table)
    known = [row for row in shown if row[value] is not None]
    if len(known) > 2 * MOST_NAMED:
        known.sort(key=lambda row: -row[value])  # type: ignore[operator]
        known = [known[0], known[-1]]
    named = [f"{row[label]}: {write(row[value], unit)}" for row in known]
    hidden = _count(sum(row[value] is None for row in shown), "row", "not shown.")
    return f"{chart} of {title}. {'; '.join(named) or 'No value can be shown'}. {hidden}".strip()


def change(table: pd.DataFrame, title: str, label: str) -> str:
    """From the first reading to the last, row by row."""
    named = [
        f"{row[label]}: {write(row['first'], 'number')} to {write(row['last'], 'number')}"
        for row in records(table)
        if row["first"] is not None and row["last"] is not None
    ]
    hidden = _count(len(table) - len(named), "row", "not shown.")
    return (
        f"Line for each row, {title}. {'; '.join(named) or 'None can be shown'}. {hidden}".strip()
    )


def balance(table: pd.DataFrame, title: str, alike: float) -> str:
    """How alike two groups are: how many covariates were and are further apart than counts."""
    said = [f"Dots for each of {len(table)} covariates, {title}."]
    for name, when in (("before", "before weighing"), ("after", "after weighing")):
        known = table[table[name].notna()]
        if known.empty:
            continue
        apart = int((known[name].astype(float) > alike).sum())
        furthest = records(known.loc[[known[name].astype(float).idxmax()]])[0]
        most = f"{furthest['covariate']}, {write(furthest[name], 'number')}"
        said.append(f"{apart} further apart than {alike} {when}; furthest: {most}.")
    return " ".join(said)


def heat(table: pd.DataFrame, title: str, x: str, y: str, value: str, unit: str) -> str:
    """A heat map: its size, its highest and its lowest cell."""
    kinds = {name: guess_kind(table[name]) for name in (x, y)}
    shown = records(table)
    known = [row for row in shown if row[value] is not None]
    size = f"{table[y].nunique()} rows by {table[x].nunique()} columns"
    said = f"Heat map of {title}, {size}."
    if not known:
        return f"{said} No value can be shown."
    places = []
    for word, pick in (("Highest", max), ("Lowest", min)):
        row = pick(known, key=lambda cell: cell[value])  # type: ignore[arg-type, return-value]
        where = f"{write(row[y], kinds[y])}, {write(row[x], kinds[x])}"
        places.append(f"{word}: {write(row[value], unit)} ({where}).")
    hidden = _count(len(shown) - len(known), "cell", "not shown.")
    return " ".join([said, *places, hidden]).strip()


def dose_response(
    table: pd.DataFrame, title: str, shaded: tuple[float, float | None] | None
) -> str:
    """A curve of outcome against frequency: its ends, its top, the range that is shaded."""
    rows = records(table)
    top = max(rows, key=lambda row: row["fitted"])  # type: ignore[arg-type, return-value]
    places = [
        f"{write(row['fitted'], 'percent')} at {write(row['exposure'], 'number')}"
        for row in (rows[0], top, rows[-1])
    ]
    said = f"Curve of {title}. From {places[0]} over {places[1]}, the highest, to {places[2]}."
    if shaded is None:
        return said
    return f"{said} Shaded: {sweet_spot.range_of(shaded)}."


def states(table: pd.DataFrame, title: str, time: str, unit: str) -> str:
    """Bands that add up to everyone: where people are first and last."""
    ends = []
    for when in (table[time].iloc[0], table[time].iloc[-1]):
        shown = records(table[table[time] == when])
        known = [row for row in shown if row["share"] is not None]
        named = [f"{write(row['share'], 'percent')} {row['state']}" for row in known]
        hidden = " (others not shown)" if len(known) < len(shown) else ""
        ends.append(f"At {when} {unit}: {', '.join(named) or 'nothing shown'}{hidden}.")
    return f"Bands of {title}, adding up to everyone. {' '.join(ends)}"


def flows(table: pd.DataFrame, title: str, columns: Sequence[str]) -> str:
    """Bands between columns of places: the widest of them."""
    shown = records(table)
    known = [row for row in shown if row["people"] is not None]
    known.sort(key=lambda row: -row["people"])  # type: ignore[operator]
    named = [
        f"{row['origin']} to {row['target']}: {write(row['people'], 'count')}"
        for row in known[:MOST_NAMED]
    ]
    hidden = _count(len(shown) - len(known), "flow", "not shown.")
    widest = f"Widest: {'; '.join(named)}."
    return f"Bands of {title}, between {', '.join(columns)}. {widest} {hidden}".strip()


def funnel(table: pd.DataFrame, title: str, unit: str, centre: float) -> str:
    """A funnel: how many units, where the middle is, which lie outside, which are not shown."""
    rows = records(table)
    known = [row for row in rows if row["value"] is not None]
    named = [
        f"{row['unit']}: {write(row['value'], unit)}, {row['reading']}"
        for row in known
        if row["reading"] in OUTSIDE.values() or len(known) <= 2 * MOST_NAMED
    ]
    units = f"{len(known)} unit{'' if len(known) == 1 else 's'}"
    said = f"Funnel of {title}: {units} around {write(centre, unit)}, with the limits of chance."
    within = _count(len(known) - len(named), "unit", "more within them or too small to tell.")
    hidden = _count(len(rows) - len(known), "unit", "not shown.")
    told = f"{'; '.join(named)}." if named else ""
    return " ".join(part for part in (said, told, within, hidden) if part)


def _count(number: int, noun: str, what: str) -> str:
    if not number:
        return ""
    return f"{number} {noun}{'' if number == 1 else 's'} {what}"
