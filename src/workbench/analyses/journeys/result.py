"""What a comparison at a landmark found, and those of its figures that may be published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench import disclosure, words

Pair = tuple[float, float]
GROUPS = ("started by then", "not by then")
FEWEST_PEOPLE, FEWEST_EVENTS = 10, 5


@dataclass(frozen=True)
class LogRank:
    """Whether two groups differ in how soon the outcome comes: chi-square and its p."""

    chi2: float
    p: float


@dataclass(frozen=True)
class EarlyOrLate:
    """Those who had the support by the landmark beside those who had not: how it went on.

    Pairs are (early, not by then). `events` are all that were seen, `competing` the ends after
    which none can come. `incidence`, `difference` (early less the others) and their 95 % intervals
    stand at `horizon`, in days after the landmark, as does `by_horizon`, the events until then;
    None where there was nobody to follow.
    `logrank` compares the whole of the follow-up, other ends as censored (cause-specific).
    `verdict`: "lower", "higher", "no clear difference", "too few to tell". Figures are exact: for
    publication use `timing_table`; `sentence` is rounded, and may be published.
    """

    landmark_days: int
    n: tuple[int, int]
    events: tuple[int, int]
    by_horizon: tuple[int, int]
    competing: tuple[int, int]
    dropped: Mapping[str, int]
    horizon: int | None
    incidence: Pair | None
    incidence_intervals: tuple[Pair, Pair] | None
    difference: float | None
    interval: Pair | None
    logrank: LogRank | None
    verdict: str
    support: str = "the support"
    event: str = "the outcome"

    @property
    def sentence(self) -> str:
        """The verdict in plain words, from numbers rounded as by default."""
        return told(self)


def told(result: EarlyOrLate, profile: str = "rounded7", basis: str | None = None) -> str:
    """The verdict in plain words, from released numbers."""
    groups = group_figures([result], profile, basis)
    whole = difference_figures([result], profile, basis).iloc[0]
    known = bool(whole[["difference", "lower", "upper"]].notna().all())
    if known and result.verdict in ("lower", "higher"):
        known = float(whole["difference"]) != 0  # too coarse to say which way
    first, second = (_value(each) for each in groups["people"])
    share, other = (_value(each) for each in groups["incidence"])
    return words.journeys.timing(
        result.verdict,
        result.support,
        result.event,
        result.landmark_days,
        people=(first, second),
        shares=(share, other),
        difference=float(whole["difference"]) if known else None,
        interval=(float(whole["lower"]), float(whole["upper"])) if known else None,
        weeks=_weeks(result),
    )


def group_figures(
    results: Sequence[EarlyOrLate], profile: str, basis: str | None = None
) -> pd.DataFrame:
    """One row a landmark and group: people, with_event, incidence, lower, upper. Protected."""
    rows = []
    for each in results:
        for place, group in enumerate(GROUPS):
            shown = not few(each.by_horizon[place], each.n[place], profile)
            limits = each.incidence_intervals if shown else None
            rows.append(
                {
                    "landmark": each.landmark_days,
                    "group": group,
                    "people": each.n[place],
                    "with_event": each.events[place],
                    "incidence": _of(each.incidence if shown else None, place),
                    "lower": _of(limits, place, 0),
                    "upper": _of(limits, place, 1),
                }
            )
    columns = ["landmark", "group", "people", "with_event", "incidence", "lower", "upper"]
    numbers = dict.fromkeys(columns[4:], "Float64")
    table = disclosure.protect(
        pd.DataFrame(rows, columns=columns).astype({**numbers, "group": "str"}),
        people=["people", "with_event"],
        ratios={"_share": ("with_event", "people")},
        estimates=dict.fromkeys(("incidence", "lower", "upper"), "people"),
        plain=["landmark"],
        within=["landmark"],
        profile=profile,
        basis=basis,
    )
    return table.drop(columns="_share")


def difference_figures(
    results: Sequence[EarlyOrLate], profile: str, basis: str | None = None
) -> pd.DataFrame:
    """One row a landmark: verdict, difference, lower, upper, weeks, compared, with_it, gone.

    `with_it`, `gone`: who is left out. The difference is there from 20 people in each group,
    with more than a few who had the event and more than a few who had not, in steps that three
    people of the smaller group fit in. Protected.
    """
    smallest = disclosure.PROFILES[profile].smallest_group
    rows = []
    for each in results:
        small = any(few(*pair, profile) for pair in zip(each.by_horizon, each.n, strict=True))
        interval = None if small or min(each.n) < smallest else each.interval
        rows.append(
            {
                "landmark": each.landmark_days,
                "compared": sum(each.n),
                "smaller": min(each.n),
                "with_it": each.dropped.get(f"outcome by day {each.landmark_days}", 0),
                "gone": each.dropped.get(f"gone by day {each.landmark_days}", 0),
                "difference": None if interval is None else each.difference,
                "lower": _of(interval, 0),
                "upper": _of(interval, 1),
                "weeks": _weeks(each),
                "verdict": each.verdict,
            }
        )
    numbers = dict.fromkeys(("difference", "lower", "upper"), "Float64")
    shown = disclosure.protect(
        pd.DataFrame(rows).astype({**numbers, "weeks": "Int64"}),
        people=["compared", "smaller", "with_it", "gone"],
        estimates=dict.fromkeys(("difference", "lower", "upper"), "smaller"),
        plain=["landmark", "weeks"],
        profile=profile,
        basis=basis,
    )
    first = ["landmark", "verdict", "difference", "lower", "upper", "weeks"]
    return shown[[*first, "compared", "with_it", "gone", "note"]]


def few(count: int, people: int, profile: str) -> bool:
    """Whether so few of those people had it, or had not, that no share of it may be shown."""
    threshold = disclosure.PROFILES[profile].threshold
    return 0 < count <= threshold or 0 < people - count <= threshold


def judged(interval: Pair, enough: bool, null: float = 0.0) -> str:
    """The verdict that an interval allows: which side of `null` it lies on, if any."""
    low, high = interval
    if not enough or low != low or high != high:
        return "too few to tell"
    return "lower" if high < null else "higher" if low > null else "no clear difference"


def _of(pairs: "Pair | tuple[Pair, Pair] | None", *places: int) -> float | None:
    found: object = pairs
    for place in places:
        found = None if found is None else found[place]  # type: ignore[index]
    return None if found is None else float(found)  # type: ignore[arg-type]


def _weeks(result: EarlyOrLate) -> int | None:
    """The horizon in whole weeks: in days it would be one person's time."""
    return None if result.horizon is None else result.horizon // 7


def _value(number: object) -> float | None:
    return None if pd.isna(number) else float(number)  # type: ignore[call-overload, arg-type]
