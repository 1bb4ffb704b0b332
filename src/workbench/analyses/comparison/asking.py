"""What to ask of these records where nobody has said what: for a page that runs on any export."""

from dataclasses import dataclass

from workbench import groups, words
from workbench.analyses.comparison.questions import questions
from workbench.store import Workspace


@dataclass(frozen=True)
class Asked:
    """A question that these records can answer: `group`, `outcome` ("": success by settings), `by`.

    `by`: what clients can be told apart by besides ("": nothing). `why_not`: why nothing can be
    asked, in words; empty where something can.
    """

    group: str
    outcome: str
    by: str
    why_not: str = ""


def to_ask(data: Workspace, group: str = "", outcome: str = "", by: str = "") -> Asked:
    """What is asked, with what is left open filled in from settings and records.

    A group left open is the support that settings ask about under [journeys] or, without one, that
    of most stays or, without supports, a gender, or whatever there is first; an outcome left open,
    the event named there when the group is that support. Nothing that is given is checked here:
    `compare_clients` does.
    """
    if "outcomes" not in data or not (outcome or data.settings.outcomes.success):
        return Asked("", "", "", words.comparison.NO_OUTCOMES)
    can = questions(data)
    known = can.loc[can["part"] == "group", "question"].tolist()
    of_settings = f"received {data.settings.journeys.support}"
    event = data.settings.journeys.event
    if not group:
        if not known:
            return Asked("", "", "", words.comparison.NOTHING_TO_ASK)
        most = f"received {_most_frequent(data)}"
        gender = [each for each in known if each.startswith("gender: ")]
        group = next(each for each in (of_settings, most, *gender, *known) if each in known)
        named = can.loc[can["part"] == "outcome", "question"].tolist()
        outcome = outcome or (event if group == of_settings and event in named else "")
    taken = group.partition(":")[0].strip().lower()
    others = [each for each in groups.attributes(data) if each != taken]
    return Asked(group, outcome, by or ([*others, ""][0]))


def _most_frequent(data: Workspace) -> str:
    """The support that most stays had; empty without supports."""
    if "supports" not in data:
        return ""
    rows = data.tables.supports
    counted = rows.group_by("support").aggregate(stays=rows.enrolment_id.nunique())
    first = counted.order_by(counted.stays.desc(), "support").limit(1).to_pandas()
    return str(first["support"].iloc[0]) if len(first) else ""
