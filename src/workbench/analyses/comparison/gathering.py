"""From the records to the people of a question: who they are, and how it came out for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from workbench import exposures, groups
from workbench.analyses.comparison import frames
from workbench.analyses.comparison.questions import CASEWORKER, STARTED, Question, years
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError
from workbench.store import Workspace, once

NO_GROUP = "are in neither group, or nobody recorded in which"
NOT_ASKED = "are not among those asked about"
MARK = "(group)"


@dataclass(frozen=True, eq=False)
class Gathered:
    """The people of a question, one row a client, as `exposures.at_landmark` finds them.

    `people` has, further, the column "(group)": 1, 0, or missing where they are in neither.
    `dropped`: enrolments (and clients) not in it, by reason. `happens`: the outcome is only written
    down when it happens, so that nothing written is 0.
    """

    question: Question
    outcomes: tuple[str, ...]
    people: pd.DataFrame
    dropped: Mapping[str, int]
    happens: bool


def gather(
    data: Workspace, question: Question, outcomes: Sequence[str], landmark_days: int | None
) -> Gathered:
    """Everyone whom a question is about.

    Raises as `exposures.at_landmark`, and DataError for a day before the start.
    """
    question = _with_day(data, question, landmark_days)
    day = question.by_day
    if day is not None and day < 0:
        raise DataError(
            f"landmark_days: {day} is before the start. Give a day of the stay, from 0."
        )
    found = exposures.at_landmark(data, day, tuple(outcomes))
    named = tuple(outcomes) or data.settings.outcomes.success
    happens = _only_when_it_happens(data, named)
    people = found.people
    if happens:
        people = people.assign(success=people["success"].fillna(0))
    people = people.assign(**{MARK: marks(data, question, people)})
    return Gathered(question, named, people, dict(found.dropped), happens)


def narrowed(gathered: Gathered, data: Workspace, who: Mapping[str, str]) -> Gathered:
    """Only those of the people who are asked about."""
    people = gathered.people
    asked = pd.Series(True, people.index)
    for attribute, value in who.items():
        asked &= labels_of(data, people, attribute) == value
    dropped = {**gathered.dropped, NOT_ASKED: int((~asked).sum())} if who else gathered.dropped
    return replace(gathered, people=people[asked].reset_index(drop=True), dropped=dropped)


def compared(
    gathered: Gathered, data: Workspace, case_mix: Sequence[str]
) -> tuple[frames.Compared, Mapping[str, int]]:
    """The two groups, ready to be set side by side, and all who are left out, by reason."""
    people, question = gathered.people, gathered.question
    frame = exposures.case_mix(data, people, case_mix)
    frame = frame.assign(**{MARK: people[MARK], "(outcome)": people["success"]})
    workers, chosen = people["caseworker_id"], question.kind in ("support", "first contact")
    of_one = len(data.scope.caseworkers or ()) == 1  # how others differ says nothing about theirs
    cluster = workers if chosen and not of_one and workers.nunique() > 1 else None
    found = frames.compared(frame, MARK, "(outcome)", list(case_mix), cluster, None)
    return found, {**gathered.dropped, NO_GROUP: found.left_out[frames.NO_MARK]}


def labels_of(data: Workspace, people: pd.DataFrame, attribute: str) -> "pd.Series[str]":
    """The value of an attribute for each of the people, in their order."""
    if attribute == CASEWORKER:
        return people["caseworker_id"].fillna(NOT_RECORDED).astype(str)
    if attribute == STARTED:
        return years(people["start_date"])
    ids = people[["enrolment_id", "client_id", "entry"]].assign(place=range(len(people)))
    labelled = groups.labelled(data, ids, attribute).set_index("place")["group"]
    return pd.Series(labelled.sort_index().to_numpy(), people.index, dtype="str")


def _with_day(data: Workspace, question: Question, landmark_days: int | None) -> Question:
    """The question with the day of the stay that decides, where one does."""
    if question.kind != "support" or question.by_day is not None:
        return question
    chosen = data.settings.comparison.landmark_days if landmark_days is None else landmark_days
    return replace(question, by_day=chosen)


def marks(data: Workspace, question: Question, people: pd.DataFrame) -> "pd.Series[float]":
    """Who is in the group (1), who in the other (0), and who in neither (missing)."""
    if question.kind == "change" and question.day is not None:
        return (people["start_date"] >= pd.Timestamp(question.day)).astype(float)
    if question.by_day is not None:
        of_support = question.kind == "support"
        days = (
            exposures.support_days(data, question.name)
            if of_support
            else exposures.first_contact_days(data)
        )
        return (people["enrolment_id"].map(days).astype(float) <= question.by_day).astype(float)
    label = labels_of(data, people, question.name)
    others = label.isin(question.others) if question.others else label != NOT_RECORDED
    first = label.isin(question.values)
    return first.astype(float).where(first | others)


@once
def _only_when_it_happens(data: Workspace, outcomes: Sequence[str]) -> bool:
    """Whether nothing but its happening is ever recorded of an outcome."""
    said = data.tables.outcomes
    said = said.filter(said.outcome.isin(list(outcomes)))
    other = said.filter(said.status != "achieved").count().execute()
    return int(other) == 0
