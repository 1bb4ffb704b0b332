"""The overview of all measures: what it flags, what it explains, what it keeps to itself."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from workbench import disclosure
from workbench.analyses import signals

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")
ORDINARY = [int(n) for n in np.random.default_rng(1).integers(38, 48, len(MONTHS))]


def starts(per_month, programme):
    """So many enrolments each month, on its first days."""
    return [
        {
            "enrolment_id": f"{programme}{month:%y%m}{i}",
            "programme": programme,
            "start_date": (month + timedelta(days=i % 28)).date().isoformat(),
        }
        for month, count in zip(MONTHS, per_month, strict=True)
        for i in range(count)
    ]


@pytest.fixture
def data(workspace):
    """Starts at two programmes, ordinary for 23 months; in the last one programme doubles."""
    ordinary = ORDINARY
    grown = [*ordinary[:-1], 120]
    changes = [{"change_date": date(2024, 11, 20), "description": "New referral route"}]
    return workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        enrolments=starts(ordinary, "Homes") + starts(grown, "Work"),
        contacts=[{"enrolment_id": "Homes23010", "contact_date": "2023-01-02"}],
        changes=changes,
        settings={"reporting": {"measures": ["starts", "caseload"]}},
    )


def test_a_flagged_month_is_traced_to_the_group_that_moved(data):
    found = signals.overview(data)
    starts_found = found.findings[0]
    assert starts_found.reading == "improvement"
    assert "above its usual range" in found.headlines["sentence"].iloc[0]
    split = starts_found.explanations["programme"]
    assert split.table["programme"].iloc[0] == "Work"
    assert split.total == pytest.approx(split.volume + split.mix + split.rate)
    text = found.sentences["starts"]
    assert "'Work' counts most" in text
    assert "New referral route (20 November 2024)" in text
    assert "does not show that one led to the other" in text


def test_ordinary_months_get_no_story_and_a_stock_no_judgement(data, workspace):
    quiet = workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        enrolments=starts(ORDINARY, "Homes"),
        contacts=[{"enrolment_id": "Homes23010", "contact_date": "2023-01-02"}],
        settings={"reporting": {"measures": ["starts", "caseload"]}},
    )
    ordinary, caseload = signals.overview(quiet).findings
    assert ordinary.reading == "common cause"
    assert ordinary.explanations == {}
    assert caseload.reading == "stock"
    assert caseload.table["lower"].isna().all()


def test_everything_in_it_is_protected_and_rounded(data):
    found = signals.overview(data)
    for table in (found.headlines, found.table, found.explained):
        assert disclosure.is_protected(table)
    released = found.table.loc[found.table["measure"] == "starts", "value"].dropna()
    assert (released % 5 == 0).all()


def test_months_that_are_not_complete_are_shown_and_not_judged(data, workspace):
    late = workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        complete_to="2024-12-10",
        enrolments=starts([*ORDINARY[:-1], 120], "Homes"),
        contacts=[{"enrolment_id": "Homes23010", "contact_date": "2023-01-02"}],
        settings={"reporting": {"measures": ["starts"]}},
    )
    found = signals.overview(late)
    last = found.findings[0].table.iloc[-1]
    assert last["provisional"]
    assert pd.isna(last["rule"])
    assert "in November 2024" in found.headlines["sentence"].iloc[0]
    assert "What came after November 2024" in found.sentences["starts"]


def test_a_flag_with_no_ordinary_month_before_it_is_not_explained(workspace):
    months = MONTHS[:8]
    rows = [
        {
            "enrolment_id": f"{month:%y%m}{i}",
            "programme": ("Homes", "Work")[i % 2],
            "start_date": month.date().isoformat(),
        }
        for month, count in zip(months, range(60, 220, 20), strict=True)
        for i in range(count)
    ]
    rising = workspace(
        as_of="2023-08-31",
        complete_from="2023-01-01",
        enrolments=rows,
        contacts=[{"enrolment_id": "23010", "contact_date": "2023-01-02"}],
        settings={"reporting": {"measures": ["starts"]}},
    )
    found = signals.overview(rising)
    assert found.findings[0].table["rule"].notna().all()
    assert found.findings[0].explanations == {}
    assert "too small, or too alike" in found.sentences["starts"]
    assert (found.table["lower"] >= 0).all()


@pytest.mark.parametrize(("due_each_month", "reading"), [(0, "nobody"), (3, "too few")])
def test_a_month_without_anybody_is_not_called_hidden(workspace, due_each_month, reading):
    due = starts([20] * 3 + [due_each_month] * 21, "Homes")
    quiet = workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        enrolments=due,
        contacts=[{"enrolment_id": "Homes23010", "contact_date": "2023-01-02"}],
        outcomes=[
            {
                "enrolment_id": row["enrolment_id"],
                "outcome": "housed",
                "outcome_date": row["start_date"],
                "status": ("achieved", "not achieved")[place % 2],
            }
            for place, row in enumerate(due)
        ],
        settings={
            "outcomes": {"success": ["housed"], "horizon_days": 30},
            "reporting": {"measures": ["success rate"]},
        },
    )
    assert signals.overview(quiet).findings[0].reading == reading


def test_the_usual_range_of_a_season_does_not_fall_below_zero(workspace):
    year = [1, 1, 5, 40, 60, 80, 80, 60, 40, 5, 1, 1]
    fallen = [max(each - 12 - place % 2, 0) for place, each in enumerate(year)]
    quiet = workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        enrolments=starts([*year, *fallen], "Homes"),
        contacts=[{"enrolment_id": "Homes23010", "contact_date": "2023-01-02"}],
        settings={
            "reporting": {"measures": ["starts"]},
            "disclosure": {"profile": "public", "basis": "drawn in a test"},
        },
    )
    found = signals.overview(quiet).findings[0]
    assert found.seasonal
    limits = found.table[["lower", "mean", "upper"]].dropna().astype(float)
    assert len(limits) and (limits >= 0).all(axis=None)
    assert (limits["lower"] <= limits["upper"]).all()
