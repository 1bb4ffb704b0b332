"""What the findings of the signals come to for a board; all of it from released numbers."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import board as said

MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = {"percent": "%", "number": ""}


def sentences(data: Workspace, findings: Sequence[Any]) -> dict[str, str]:
    """One sentence a measure: where it is, whether that is unusual, whether its target holds.

    findings: those of `signals.overview`. By the measure's name.
    """
    return {each.definition.name: _sentence(data, each) for each in findings}


def decisions(data: Workspace, findings: Sequence[Any], audience: str) -> str:
    """What the readers are asked to decide, as a list in Markdown.

    Those of the settings, then a measure each whose target will be missed nearly every time as
    things are: that is a matter of the service, or of the target, and not of one month.
    """
    asked = list(data.settings.audiences[audience].decisions)
    for each in findings:
        target = each.definition.target
        if target is not None and _assurance(each) == "fail":
            worse = each.reading == "concern"
            asked.append(
                said.decide(each.definition.name, _value(each), target, _unit(each), worse)
            )
    return said.decisions(asked)


def attention(findings: Sequence[Any]) -> str:
    """Which measures are out of the ordinary, for better or for worse, in a sentence."""
    named = [(each.reading, each.definition.name) for each in findings]
    worse, better = ([n for r, n in named if r == kind] for kind in ("concern", "improvement"))
    return said.attention(worse, better, [n for r, n in named if r in ("high", "low")], len(named))


def shortest(questions: pd.DataFrame, findings: Sequence[Any]) -> pd.DataFrame:
    """The five questions in little room: without what each measure means, which its chart says.

    questions: `signals.five_questions`. The same rows; protected.
    """
    meanings = {each.definition.name: each.definition.meaning for each in findings}
    known = [
        str(row["known"]).removeprefix(meanings.get(str(row["measure"]), "")).strip()
        for row in questions.to_dict("records")
    ]
    shorter = questions.copy()
    shorter["known"] = pd.Series(known, questions.index, dtype="str")
    return shorter


def _sentence(data: Workspace, finding: Any) -> str:
    complete = finding.complete
    interval = "" if complete.empty else _title(data, finding)
    usual = None
    if len(complete) and not pd.isna(complete["lower"].iloc[-1]):
        usual = (float(complete["lower"].iloc[-1]), float(complete["upper"].iloc[-1]))
    return said.sentence(
        finding.definition.name,
        _value(finding),
        interval,
        finding.reading,
        unit=_unit(finding),
        usual=usual,
        target=finding.definition.target,
        assurance=_assurance(finding),
        length=finding.interval,
    )


def _value(finding: Any) -> float | None:
    complete = finding.complete
    if complete.empty or pd.isna(complete["value"].iloc[-1]):
        return None
    return float(complete["value"].iloc[-1])


def _assurance(finding: Any) -> str | None:
    """Whether the target can be relied on; not where limits stand on the year before."""
    return None if finding.chart is None or finding.seasonal else finding.chart.assurance


def _title(data: Workspace, finding: Any) -> str:
    day = finding.complete["interval"].iloc[-1].date()
    year_starts = data.settings.organisation.year_starts
    return Period.containing(day, MONTHS[finding.interval], year_starts).title


def _unit(finding: Any) -> str:
    return str(UNITS.get(finding.unit, finding.unit))
