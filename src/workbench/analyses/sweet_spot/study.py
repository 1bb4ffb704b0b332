"""The question asked of an export: who counts, on which day it is answered, what may be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure, exposures, words
from workbench.analyses.sweet_spot.finding import TWO_SIDED, SweetSpot, find
from workbench.settings import SweetSpot as Asked
from workbench.store import Workspace

KEPT, OFFERED = "kept", "offered"


@dataclass(frozen=True)
class Study:
    """What contact frequency and outcome have to do with each other, in these records.

    `sentence` may be published; `result` and `people` (one row a client: client_id, contacts,
    success, case mix, caseworker) are exact and for the analyst. `verdict_of`: the day as of which
    it is answered; `look` says whether that is a new look. `asked`: the settings in force.
    """

    data: Workspace = field(repr=False)
    asked: Asked
    result: SweetSpot = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    case_mix: tuple[str, ...]
    dropped: "pd.Series[Any]" = field(repr=False)
    verdict_of: date
    look: str
    verdict: str
    sentence: str


def study(
    data: Workspace,
    *,
    outcomes: Sequence[str] = (),
    weeks: int | None = None,
    channels: Sequence[str] | None = None,
    attended_only: bool | None = None,
) -> Study:
    """How often to see people, as the records tell it on the day registered for the verdict.

    Contacts a week in weeks 1 to `weeks`, of each client still with us then (first enrolment),
    against success after it and within the horizon of settings, at equal case mix and within
    caseworkers where the export has them. What is not given is as settings say under [sweet_spot].
    Raises DataError or SettingsError where outcomes are missing or names do not occur.
    """
    given = {"weeks": weeks, "channels": channels, "attended_only": attended_only}
    asked = data.settings.sweet_spot.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    day, look, due = _day(asked.analysis_dates, data.as_of)
    known = replace(data, as_of=day)
    here = exposures.at_landmark(known, 7 * asked.weeks - 1, outcomes)
    mix = exposures.case_mix(known, here.people)
    people = here.people[["client_id", "enrolment_id", "entry", "success", "caseworker_id"]].assign(
        contacts=exposures.contacts_per_week(
            known, here.people, asked.weeks, asked.channels, asked.attended_only
        )
    )
    held = people["caseworker_id"] if people["caseworker_id"].notna().any() else None
    result = find(
        people["contacts"],
        people["success"],
        mix if len(mix.columns) else None,
        bands=asked.bands or None,
        margin=asked.margin,
        cluster=held,
        weeks=asked.weeks,
    )
    dropped = pd.Series({**here.dropped, **result.dropped}, dtype="int64")
    told = Study(
        known, asked, result, pd.concat([people, mix], axis=1), tuple(map(str, mix.columns)),
        dropped[dropped > 0], day, look, result.verdict, "",
    )  # fmt: skip
    if not due:
        return replace(told, verdict="cannot tell", sentence=look)
    return replace(told, sentence=_sentence(told))


def shaded(of: Study) -> tuple[float, float | None] | None:
    """The range that a chart shades, as it may be told.

    None where nothing is claimed, and where the curve still rises at its end: the best lies beyond.
    """
    rising_on = of.verdict == "more is better" and of.result.two_lines.z_high > TWO_SIDED
    if rising_on or of.verdict in ("cannot tell", "less is better"):
        return None
    row = verdict_table(of).iloc[0]
    high = None if pd.isna(row["best_to"]) else float(row["best_to"])
    return float(row["best_from"]), high


def possible(data: Workspace) -> str:
    """Why the question cannot be asked of an export, or empty where it can."""
    if "outcomes" not in data or not data.settings.outcomes.success:
        return "These records name no outcome that counts as success, so this cannot be asked."
    if not len(data.values("contacts.contact_date")):
        return "These records hold no contacts, so this cannot be asked."
    return ""


def _day(registered: Sequence[date], as_of: date) -> tuple[date, str, bool]:
    """The day as of which the question is answered, what is said of it, whether one is due."""
    if not registered:
        return as_of, words.sweet_spot.not_registered(), True
    past = [day for day in sorted(registered) if day <= as_of]
    following = next((day for day in sorted(registered) if day > as_of), None)
    if not past:
        return as_of, words.sweet_spot.before_the_first(min(registered)), False
    if past[-1] == as_of:
        return as_of, words.sweet_spot.new_look(as_of, following), True
    return past[-1], words.sweet_spot.not_a_new_look(past[-1], following), True


def verdict_table(of: Study) -> pd.DataFrame:
    """The verdict and what it rests on, as it may be told; one row.

    people, success at the fewest contacts, the best and the most (least, best, most), the range as
    good as the best (best_from, best_to: contacts a week, to a quarter; best_to missing where it
    reaches the top of the data), verdict. Protected.
    """
    result = of.result
    least, best, most = result.shares or (np.nan,) * 3
    low, high = result.best_range or (np.nan, np.nan)
    row = {"people": result.n, "least": least, "best": best, "most": most}
    row |= {"best_from": low, "best_to": np.nan if high is None else high}
    frame = pd.DataFrame([row]).assign(verdict=result.verdict, reason=result.reason)
    frame[["best_from", "best_to"]] = (frame[["best_from", "best_to"]] * 4).round() / 4
    return disclosure.protect(
        frame,
        people=["people"],
        estimates=dict.fromkeys(("least", "best", "most"), "people"),
        plain=["best_from", "best_to"],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def _sentence(of: Study) -> str:
    """The verdict in words, from numbers that may be told."""
    row = verdict_table(of).iloc[0]
    shares = tuple(None if pd.isna(row[name]) else float(row[name]) for name in _ENDS)
    best = None
    if pd.notna(row["best_from"]):
        best = (float(row["best_from"]), None if pd.isna(row["best_to"]) else float(row["best_to"]))
    return words.sweet_spot.found(
        of.result.verdict,
        of.result.reason,
        best=best,
        shares=None if None in shares else shares,  # type: ignore[arg-type]
        rising_on=of.result.two_lines.z_high > TWO_SIDED,
        weeks=of.asked.weeks,
        adjusted=bool(of.result.adjusted_for),
        n=None if pd.isna(row["people"]) else int(row["people"]),
    )


_ENDS = ("least", "best", "most")
