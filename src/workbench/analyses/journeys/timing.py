"""The timing of a support, from the records: who is asked about, the answer at each landmark."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from workbench import definitions, exposures, words
from workbench.analyses.journeys.landmark import early_or_late
from workbench.analyses.journeys.rates import EventRates, event_rates, rates_told
from workbench.analyses.journeys.result import EarlyOrLate, difference_figures, told
from workbench.errors import SettingsError
from workbench.settings import nearest
from workbench.store import Workspace

QUESTION = "whether its timing and later events go together"


@dataclass(frozen=True)
class Timing:
    """Whether an event is rarer after a support that started early: one answer, two beside it.

    `landmarks`: the comparison at each day, the primary one of settings first; none of them is
    picked for what it says. `rates`: every event after the primary landmark. `left_out`: enrolments
    that are in none of them, by reason. `sentences`: all of it in plain words, from released
    numbers. The results themselves are exact: publish the `*_table`s.
    """

    support: str
    event: str
    primary: int
    landmarks: Mapping[int, EarlyOrLate]
    rates: EventRates
    left_out: Mapping[str, int]
    sentences: tuple[str, ...]

    @property
    def answer(self) -> EarlyOrLate:
        """The comparison at the primary landmark."""
        return self.landmarks[self.primary]

    @property
    def sentence(self) -> str:
        """The answer in plain words, from released numbers."""
        return self.sentences[0]

    @property
    def title(self) -> str:
        """The verdict as a headline."""
        return words.journeys.timing_title(
            self.answer.verdict, self.support, self.event, self.primary
        )


def why_not(data: Workspace, support: str = "", event: str = "") -> str:
    """Why the timing of a support cannot be told from these records; empty where it can."""
    support, event = _named(data, support, event)
    for table in ("supports", "outcomes"):
        if table not in data or not int(data.tables[table].count().execute()):
            return words.journeys.no_table(table, QUESTION)
    for key, name, column in (
        ("support", support, "supports.support"),
        ("event", event, "outcomes.outcome"),
    ):
        if not name:
            return words.journeys.not_named(key, QUESTION)
        if name not in (known := data.values(column)):
            hint = nearest(name, sorted(known))
            return words.journeys.not_there(key, name, QUESTION, hint)
    if members(data, support, event)[0].empty:
        return words.journeys.nobody(QUESTION)
    return ""


def timing(
    data: Workspace, support: str = "", event: str = "", landmark_days: int | None = None
) -> Timing:
    """Whether an event is rarer among clients who had a support early in their stay.

    `support`, `event`, `landmark_days`: by default as settings say under [journeys]; the further
    landmarks of settings stand beside it. Each client once, with the first enrolment; followed
    until it ended, but no longer than ends are complete. Exits that settings call competing rule
    the event out, others end the time in which it could be seen.
    Raises SettingsError where no support or event is named, DataError where the records lack it.
    Source: as `early_or_late` and `event_rates`.
    """
    support, event = _named(data, support, event)
    if problems := [
        f"journeys.{key}: none is named. Set it under [journeys], or give one."
        for key, name in (("support", support), ("event", event))
        if not name
    ]:
        raise SettingsError(*problems)
    frame, left_out = members(data, support, event)
    primary, days = landmarks(data, landmark_days)
    found = {
        day: early_or_late(frame, day, support=support, event=event) for day in (primary, *days)
    }
    again = event_rates(frame, primary, support=support, event=event)
    profile, basis = data.settings.disclosure.profile, data.settings.disclosure.basis
    verdicts = {day: each.verdict for day, each in found.items()}
    sentences = (
        told(found[primary], profile, basis),
        words.journeys.dropped(primary, event, *_left_out(found[primary], profile, basis)),
        words.journeys.landmarks(primary, verdicts),
        rates_told(again, profile, basis),
    )
    return Timing(support, event, primary, found, again, left_out, sentences)


def _left_out(
    result: EarlyOrLate, profile: str, basis: str | None
) -> tuple[float | None, float | None]:
    row = difference_figures([result], profile, basis).iloc[0]
    had, gone = (None if pd.isna(row[name]) else float(row[name]) for name in ("with_it", "gone"))
    return had, gone


def members(data: Workspace, support: str, event: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Every client's first enrolment, as `early_or_late` wants it, and how many are left out.

    One row a client: support_day, outcome_day (the first event), outcome_days (all), end_day (the
    end, or how long it could be followed), competing. About persons: never for a chart.
    """
    stays = exposures.stays(data)
    early = stays["start_date"] < pd.Timestamp(data.complete_from)
    again = ~early & stays["client_id"].duplicated()
    unseen = ~early & ~again & (stays["followed_day"] < 0)
    frame = stays[~early & ~again & ~unseen].reset_index(drop=True)
    left_out = {
        exposures.EARLY: int(early.sum()),
        exposures.AGAIN: int(again.sum()),
        "started after the day to which ends are complete": int(unseen.sum()),
    }
    all_days = _event_days(data, event)
    competing = frame["exit_reason"].isin(list(data.settings.journeys.competing))
    key = frame["enrolment_id"]
    return (
        pd.DataFrame(
            {
                "support_day": key.map(exposures.support_days(data, support)),
                "outcome_day": key.map(all_days.groupby(level=0).min()),
                "outcome_days": key.map(all_days.groupby(level=0).agg(list)),
                "end_day": frame["end_day"].fillna(frame["followed_day"]),
                "competing": competing & frame["end_day"].notna(),
            }
        ),
        left_out,
    )


def landmarks(data: Workspace, landmark_days: int | None = None) -> tuple[int, tuple[int, ...]]:
    """The primary landmark, and those shown beside it, in order."""
    asked = data.settings.journeys
    primary = landmark_days or asked.landmark_days
    return primary, tuple(day for day in sorted(set(asked.further_landmarks)) if day != primary)


def _event_days(data: Workspace, event: str) -> "pd.Series[int]":
    """The days of all events since the start, by enrolment_id."""
    definitions.first_achieved(data, [event])  # raises where there is no such outcome
    said = data.tables.outcomes.select("enrolment_id", "outcome", "outcome_date", "status")
    said = said.inner_join(
        definitions.starts(data).select("enrolment_id", "start_date"), "enrolment_id"
    )
    said = said.filter(
        said.outcome == event, said.status == "achieved", said.outcome_date <= data.as_of
    )
    day = said.outcome_date.delta(said.start_date, unit="day")
    rows = said.filter(day >= 0).select("enrolment_id", day=day).to_pandas()
    return rows.set_index("enrolment_id")["day"]


def _named(data: Workspace, support: str, event: str) -> tuple[str, str]:
    asked = data.settings.journeys
    return support or asked.support, event or asked.event
