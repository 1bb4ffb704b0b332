"""Events that come again, such as arrests: how often after a day of the stay, by who had what."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.tools.sm_exceptions import ModelWarning

from workbench import disclosure, words
from workbench.analyses.journeys.incidence import Z_95
from workbench.analyses.journeys.landmark import followed
from workbench.analyses.journeys.result import (
    FEWEST_EVENTS,
    FEWEST_PEOPLE,
    GROUPS,
    Pair,
    judged,
)
from workbench.errors import DataError
from workbench.statistics import Floats

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class EventRates:
    """How often an event came after the landmark, a client-year, early beside not by then.

    Pairs are (early, not by then). `ratio` (early over the others) and its 95 % `interval` are None
    where there are too few. `model`: "negative binomial", or "Poisson, robust" where events are
    scattered no more than by chance. `verdict` as in `EarlyOrLate`. Exact: publish `rates_table`.
    """

    landmark_days: int
    n: tuple[int, int]
    events: tuple[int, int]
    years: Pair
    rates: Pair
    ratio: float | None
    interval: Pair | None
    model: str
    dropped: Mapping[str, int]
    verdict: str
    support: str = "the support"
    event: str = "the outcome"

    @property
    def sentence(self) -> str:
        """The verdict in plain words, from numbers rounded as by default."""
        return rates_told(self)


def event_rates(
    frame: pd.DataFrame,
    landmark_days: int = 56,
    *,
    support: str = "the support",
    event: str = "the outcome",
) -> EventRates:
    """How often an event came in the time after a day of the stay, by who had a support by then.

    `frame`: one row a client: support_day, end_day as in `early_or_late`, and outcome_days, a list
    of the days of all events, empty for none. Days after the landmark up to the end count, for each
    as long as they could be followed; who was gone by the landmark is left out, who had an event by
    then is not. Fewer than 10 people or 5 events in a group: "too few to tell".
    Raises DataError as `early_or_late`.
    Source: negative binomial regression with time as exposure, Lawless (1987); where no dispersion
    beyond chance is found (moments, Cameron and Trivedi 1998, section 3.4), Poisson with robust
    errors (HC1), but never narrower than chance alone allows.
    """
    people, dropped = _counted(frame, landmark_days)
    early = people["early"].to_numpy()
    count, years = people["events"].to_numpy(float), people["days"].to_numpy(float) / DAYS_A_YEAR
    groups = (early, ~early)
    n = (int(early.sum()), int((~early).sum()))
    events = (int(count[early].sum()), int(count[~early].sum()))
    time = (float(years[early].sum()), float(years[~early].sum()))
    rates = tuple(count[g].sum() / years[g].sum() if g.any() else np.nan for g in groups)
    ratio, interval, model = None, None, ""
    if min(n) >= FEWEST_PEOPLE and min(events) >= FEWEST_EVENTS:
        log_ratio, error, model = _log_ratio(count, years, early)
        ratio = float(np.exp(log_ratio))
        interval = (
            float(np.exp(log_ratio - Z_95 * error)),
            float(np.exp(log_ratio + Z_95 * error)),
        )
    verdict = judged(interval, True, 1.0) if interval else "too few to tell"
    return EventRates(
        landmark_days, n, events, time, (float(rates[0]), float(rates[1])), ratio, interval,
        model, dropped, verdict, support, event,
    )  # fmt: skip


def rates_told(result: EventRates, profile: str = "rounded7", basis: str | None = None) -> str:
    """The verdict in plain words, from released numbers."""
    shown = rate_figures(result, profile, basis)["a_year"]
    first, second = (None if pd.isna(each) else float(each) for each in shown)
    return words.journeys.rates(
        result.verdict,
        result.support,
        result.event,
        result.landmark_days,
        per_year=(first, second),
        ratio=result.ratio,
        interval=result.interval,
    )


def rate_figures(result: EventRates, profile: str, basis: str | None = None) -> pd.DataFrame:
    """One row a group: people, events, client_years, a_year (events a client-year). Protected."""
    frame = pd.DataFrame(
        {
            "group": GROUPS,
            "people": result.n,
            "events": result.events,
            "client_years": result.years,
        }
    )
    return disclosure.protect(
        frame.astype({"group": "str"}),
        people=["people"],
        events={"events": "people"},
        amounts={"client_years": "people"},
        ratios={"a_year": ("events", "client_years")},
        within=[()],
        profile=profile,
        basis=basis,
    )


def _counted(frame: pd.DataFrame, landmark_days: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Those followed after the landmark: early, days, events in those days."""
    if "outcome_days" not in frame:
        raise DataError(
            "frame: there is no column outcome_days. Give the days of all events of each client as "
            "a list, empty for none."
        )
    place = pd.RangeIndex(len(frame))
    listed = frame["outcome_days"].set_axis(place).explode()
    day = pd.to_numeric(listed, errors="coerce").astype("Float64")
    if odd := int((day.isna() & listed.notna()).sum()):
        raise DataError(
            f"outcome_days: {odd} of {len(listed)} are not days from the start. Give numbers."
        )
    first = day.groupby(level=0).max()  # so that the last day that occurs is that of any event
    days = frame.set_axis(place).assign(outcome_day=first)
    people, dropped = followed(days, landmark_days, once=False)
    until = people["days"].reindex(day.index) + landmark_days
    seen = (day > landmark_days).fillna(False) & (day <= until).fillna(False)
    counted = seen.groupby(level=0).sum().reindex(people.index)
    return people.assign(events=counted.astype(int)), dropped


def _log_ratio(count: Floats, years: Floats, early: np.ndarray) -> tuple[float, float, str]:
    """The logarithm of the rate ratio, its standard error, and the model."""
    rates = [count[each].sum() / years[each].sum() for each in (early, ~early)]
    mean = np.where(early, *rates) * years
    scatter = float(np.sum((count - mean) ** 2 - count) / np.sum(mean**2))
    log_ratio = float(np.log(rates[0] / rates[1]))
    if scatter > 0:
        design = np.column_stack([np.ones(len(count)), early.astype(float)])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                fitted = NegativeBinomial(count, design, exposure=years).fit(
                    start_params=[np.log(rates[1]), log_ratio, scatter], disp=0, maxiter=200
                )
            found, error = float(fitted.params[1]), float(fitted.bse[1])
        except (ModelWarning, RuntimeWarning, np.linalg.LinAlgError):
            found, error = np.nan, np.nan  # it cannot be estimated: robust errors instead
        if np.isfinite([found, error]).all():
            return found, error, "negative binomial"
    residual = [np.sum((count - mean)[each] ** 2) for each in (early, ~early)]
    events = [count[each].sum() for each in (early, ~early)]
    robust = sum(r / e**2 for r, e in zip(residual, events, strict=True))
    by_chance = sum(1 / each for each in events)
    variance = max(robust * len(count) / (len(count) - 2), by_chance)
    return log_ratio, float(np.sqrt(variance)), "Poisson, robust"
