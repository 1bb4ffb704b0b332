"""The timing of a support as tables that may be published."""

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.journeys.landmark import COMPETING, EVENT, followed, incidence_by
from workbench.analyses.journeys.rates import rate_figures
from workbench.analyses.journeys.result import GROUPS, difference_figures, few, group_figures
from workbench.analyses.journeys.timing import Timing, members
from workbench.store import Workspace

DAYS_A_WEEK = 7
CURVE = ["incidence", "lower", "upper"]


def timing_table(data: Workspace, found: Timing) -> pd.DataFrame:
    """How many had the event after each landmark, by whether the support had started by then.

    One row a landmark (the primary one first) and group: landmark, group ("started by then", "not
    by then"), people, with_event (to the end of what could be seen), note, incidence, lower, upper
    (share with the event by the weeks of `difference_table`, and its 95 % interval). Protected.
    """
    return group_figures(list(found.landmarks.values()), *_rule(data))


def difference_table(data: Workspace, found: Timing) -> pd.DataFrame:
    """What separates the two groups at each landmark, and who is not in the comparison.

    One row a landmark, the primary one first: landmark, verdict, difference (started less not by
    then), lower, upper (95 %), weeks (after the landmark, whole), compared (people), with_it (had
    the event by then), gone (left, or came too recently), note. Protected.
    """
    return difference_figures(list(found.landmarks.values()), *_rule(data))


def rates_table(data: Workspace, found: Timing) -> pd.DataFrame:
    """How often the event came after the primary landmark, once or again.

    One row a group: group, people, events, client_years, note, a_year (events a client-year, from
    released numbers). Protected.
    """
    return rate_figures(found.rates, *_rule(data))


def incidence_table(data: Workspace, found: Timing, step: int = 4) -> pd.DataFrame:
    """How many had the event by so many weeks after the primary landmark.

    One row a group and time: group, time (weeks after the landmark: 0, `step`, ... and the last to
    which both groups could be followed), at_risk (still followed, without the event), with_event
    (by then, in all), ruled_out (left by an end that rules it out), note, incidence, lower, upper
    (95 %). The shares are coarsened, so that the last of them is the one that is told in words;
    missing where a few had the event or a few had not, and in groups of fewer than 20.
    Protected.
    Source: as `cumulative_incidence`.
    """
    frame, _ = members(data, found.support, found.event)
    people, _ = followed(frame, found.primary)
    horizon = found.answer.horizon or 0
    profile, basis = _rule(data)
    times = np.unique([*range(0, horizon // DAYS_A_WEEK, step), horizon // DAYS_A_WEEK])
    rows = [
        _grid(group, people[people["early"] == early], times, horizon, profile)
        for group, early in zip(GROUPS, (True, False), strict=True)
    ]
    counts = ["at_risk", "with_event", "ruled_out"]
    protected = disclosure.protect(
        pd.concat(rows, ignore_index=True),
        people=["people", *counts],
        ratios={f"_{part}": (part, "people") for part in counts},
        estimates=dict.fromkeys(CURVE, "people"),
        plain=["time"],
        within=["time"],
        profile=profile,
        basis=basis,
    )
    return protected.drop(columns=["people", *(f"_{part}" for part in counts)])


def _grid(
    group: str, people: pd.DataFrame, times: np.ndarray, horizon: int, profile: str
) -> pd.DataFrame:
    """The counts and shares of one group; the last time is the horizon itself."""
    days, cause = people["days"].to_numpy(float), people["cause"].to_numpy()
    limits = [*(DAYS_A_WEEK * times[:-1]), horizon]
    known = [
        incidence_by(days, cause, limit) if len(days) else (None, (None, None)) for limit in limits
    ]
    table = pd.DataFrame(
        {
            "group": [group] * len(times),
            "time": times,
            "people": len(people),
            "at_risk": [int((days > limit).sum()) for limit in limits],
            "with_event": [int(((cause == EVENT) & (days <= limit)).sum()) for limit in limits],
            "ruled_out": [int(((cause == COMPETING) & (days <= limit)).sum()) for limit in limits],
            "incidence": [share for share, _ in known],
            "lower": [limits[0] for _, limits in known],
            "upper": [limits[1] for _, limits in known],
        }
    ).astype(dict.fromkeys(CURVE, "Float64") | {"group": "str"})
    table.loc[table["time"] == 0, CURVE] = 0.0  # nobody has had it at the landmark
    small = [few(int(count), len(people), profile) for count in table["with_event"]]
    table.loc[small, CURVE] = pd.NA
    return table


def _rule(data: Workspace) -> tuple[str, str]:
    return data.settings.disclosure.profile, data.settings.disclosure.basis
