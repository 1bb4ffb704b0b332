"""When contacts are missed: by day of the week and by hour."""

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from workbench import definitions, disclosure, words
from workbench.store import Workspace

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEWEST_CONTACTS, FEWEST_CLIENTS = 30, 20
SURPRISING, SMALLEST = 0.05, 0.01  # a difference of less than a point is none to act on
KINDS = {"weekday": "day", "hour": "hour"}


def missed_why_not(data: Workspace) -> str:
    """Why it cannot be told when contacts are missed; empty where it can."""
    rows = _recorded(data)
    if not int((~rows.attended).sum().execute() or 0):
        return words.journeys.NEVER_MISSED
    if float(rows.attended.mean().execute()) > 1 - SMALLEST:
        return words.journeys.SELDOM_MISSED
    few = (missed_table(data)["reading"] == "too few").all()
    return words.journeys.missed([], 0, 0) if few else ""


def missed_table(data: Workspace) -> pd.DataFrame:
    """How many contacts are missed on each day of the week and in each hour.

    One row a day of the week and, where times are recorded, an hour: kind ("day", "hour"), when,
    share (missed of offered), reading ("more", "fewer", "no clear difference", "too few"),
    difference (to the other days, or hours, that do not stand out), lower, upper (95 %), clients,
    offered (contacts whose attendance was recorded), missed, note. Clients, not contacts, are what
    varies; the reading is corrected for all comparisons made, days and hours together, and a
    difference of less than a point is not called one. Empty where a miss was never recorded.
    Protected.
    Source: difference of proportions with errors clustered by client, Liang and Zeger (1986);
    Holm (1979).
    """
    frame = _contacts(data)
    slots = _judged(frame)
    columns = ["kind", "when", "clients", "offered", "missed", "difference", "lower", "upper"]
    table = pd.DataFrame(
        [_row(frame, each, slots) for each in slots], columns=[*columns, "reading"]
    )
    counts = dict.fromkeys(("clients", "offered", "missed"), int)
    numbers = dict.fromkeys(("difference", "lower", "upper"), "Float64")
    shown = disclosure.protect(
        table.astype({**counts, **numbers, "kind": "str", "when": "str", "reading": "str"}),
        people=["clients"],
        events={"offered": "clients", "missed": "clients"},
        ratios={"share": ("missed", "offered")},
        estimates=dict.fromkeys(numbers, "clients"),
        within=["kind"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    counted = ["clients", "offered", "missed", "note"]
    return shown[["kind", "when", "share", "reading", *numbers, *counted]]


def missed_by_hour_table(data: Workspace) -> pd.DataFrame:
    """How many contacts are missed in each hour of each day of the week.

    One row an hour and day of the week, in order: hour, weekday, clients, offered, missed, note,
    share. Empty where times are not recorded, or misses never. Protected.
    """
    frame = _contacts(data)
    frame = frame[frame["hour"].notna()]
    counted = frame.groupby(["hour", "weekday"]).agg(
        clients=("client_id", "nunique"), offered=("missed", "size"), missed=("missed", "sum")
    )
    table = counted.reset_index().sort_values(["hour", "weekday"], ignore_index=True)
    table["hour"] = [_clock(hour) for hour in table["hour"]]
    table["weekday"] = [DAYS[int(day)][:3] for day in table["weekday"]]
    counts = dict.fromkeys(("clients", "offered", "missed"), int)
    return disclosure.protect(
        table.astype({**counts, "hour": "str", "weekday": "str"}),
        people=["clients"],
        events={"offered": "clients", "missed": "clients"},
        ratios={"share": ("missed", "offered")},
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def missed_told(table: pd.DataFrame) -> str:
    """When contacts are missed more, or less, than at other times, from `missed_table`."""
    looked = table[table["reading"] != "too few"]["kind"].value_counts()
    found = [
        (
            f"{'On' if row['kind'] == KINDS['weekday'] else 'In the hour from'} {row['when']}",
            row["reading"],
            _value(row["share"]),
            _value(row["difference"]),
            None if pd.isna(row["lower"]) else (float(row["lower"]), float(row["upper"])),
        )
        for row in table.to_dict("records")
    ]
    return words.journeys.missed(found, *(int(looked.get(kind, 0)) for kind in KINDS.values()))


def _recorded(data: Workspace) -> ibis.Table:
    """The contacts of complete records whose attendance was recorded."""
    rows = definitions.offered(data)
    return rows.filter(
        rows.attended.notnull(),
        rows.contact_date >= data.complete_from,
        rows.contact_date <= min(data.as_of, data.complete_to),
    )


def _contacts(data: Workspace) -> pd.DataFrame:
    """One row a contact: client_id, missed, weekday (0: Monday), hour (NA without). Persons."""
    rows = _recorded(data)
    people = data.tables.enrolments.select("enrolment_id", "client_id")
    rows = rows.inner_join(people, "enrolment_id")
    at = rows.contact_at
    frame = rows.select(
        "client_id",
        missed=~rows.attended,
        weekday=rows.contact_date.day_of_week.index(),
        hour=at.hour(),
        timed=(at.hour() > 0) | (at.minute() > 0),
    ).to_pandas()
    if not frame["missed"].any():
        return frame.iloc[:0]
    hour = frame["hour"].astype("Int64")
    if not frame["timed"].fillna(value=False).any():  # midnight everywhere: days without a time
        hour = pd.Series(pd.NA, frame.index, dtype="Int64")
    return frame.drop(columns="timed").assign(hour=hour).astype({"missed": bool})


@dataclass(frozen=True)
class _Slot:
    """A day of the week or an hour, and how it compares."""

    by: str
    value: int
    p: float = float("nan")
    stands_out: bool = False


def _judged(frame: pd.DataFrame) -> list[_Slot]:
    """Each day and hour; those that stand out are set aside one by one, the clearest first.

    Else one bad day would make the others look good. The bar is Holm's at every step.
    """
    slots = [_Slot(by, int(value)) for by in KINDS for value in sorted(frame[by].dropna().unique())]
    tested = [each for each in slots if not np.isnan(_against(frame, each, slots).get("p", np.nan))]
    out: list[_Slot] = []
    while left := [each for each in tested if each not in out]:
        base = [each for each in slots if each not in out]
        chances = [_chance(_against(frame, each, base)) for each in left]
        if np.isnan(chances).all() or np.nanmin(chances) * len(left) >= SURPRISING:
            break
        out.append(left[int(np.nanargmin(chances))])
    return [
        replace(each, stands_out=each in out, p=0.0 if each in tested else np.nan) for each in slots
    ]


def _row(frame: pd.DataFrame, slot: _Slot, slots: list[_Slot]) -> dict[str, object]:
    """A slot as a row of the table, set against those that do not stand out."""
    inside = frame[(frame[slot.by] == slot.value).fillna(value=False)]
    base = [each for each in slots if not each.stands_out or each == slot]
    found = _against(frame, slot, base)
    above = found.get("difference", 0) > 0
    clear = ("more" if above else "fewer") if slot.stands_out else "no clear difference"
    return {
        "kind": KINDS[slot.by],
        "when": DAYS[slot.value] if slot.by == "weekday" else _clock(slot.value),
        "clients": inside["client_id"].nunique(),
        "offered": len(inside),
        "missed": int(inside["missed"].sum()),
        "difference": found.get("difference"),
        "lower": found.get("lower"),
        "upper": found.get("upper"),
        "reading": "too few" if np.isnan(slot.p) else clear,
    }


def _against(frame: pd.DataFrame, slot: _Slot, base: list[_Slot]) -> dict[str, float]:
    """A slot less the others of its kind in `base`, errors clustered by client; {}: too few."""
    others = [each.value for each in base if each.by == slot.by and each.value != slot.value]
    rows = frame[frame[slot.by].isin([slot.value, *others])]
    inside = (rows[slot.by] == slot.value).to_numpy(bool)
    codes, _ = pd.factorize(rows["client_id"])
    people = min(len(np.unique(codes[inside])), len(np.unique(codes[~inside])))
    if min(inside.sum(), (~inside).sum()) < FEWEST_CONTACTS or people < FEWEST_CLIENTS:
        return {}
    missed = rows["missed"].to_numpy(float)
    shares = (missed[inside].mean(), missed[~inside].mean())
    n = np.where(inside, inside.sum(), (~inside).sum())
    residual = (missed - np.where(inside, *shares)) / n * np.where(inside, 1, -1)
    clients = int(codes.max()) + 1
    by_client = np.bincount(codes, weights=residual, minlength=clients)
    error = float(np.sqrt(clients / (clients - 1) * np.sum(by_client**2)))
    difference = float(shares[0] - shares[1])
    if error == 0:
        return {}
    half = float(stats.t.isf(0.025, clients - 1)) * error
    chance = 2 * float(stats.t.sf(abs(difference) / error, clients - 1))
    limits = {"lower": difference - half, "upper": difference + half}
    return {"difference": difference, **limits, "p": chance}


def _chance(found: dict[str, float]) -> float:
    """How often chance alone does as much; 1 for a difference too small to matter."""
    small = abs(found.get("difference", np.nan)) < SMALLEST
    return 1.0 if small else found.get("p", np.nan)


def _clock(hour: object) -> str:
    return f"{int(hour):02d}:00"  # type: ignore[call-overload]


def _value(number: object) -> float | None:
    return None if pd.isna(number) else float(number)  # type: ignore[call-overload, arg-type]
