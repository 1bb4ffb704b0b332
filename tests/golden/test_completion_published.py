"""Completion of treatment that others have published, through the whole way from file to analysis.

Hser et al. (2014), Addiction 109, 79-87: of those randomised in CTN-0027, 74 % completed 24 weeks
on methadone and 46 % on buprenorphine. Lee et al. (2018), Lancet 391, 309-318: of those randomised
in CTN-0051, 204 of 283 were started on naltrexone and 270 of 287 on buprenorphine.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from workbench import EVERYONE, Workspace, exposures, settings
from workbench import open as open_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = os.environ.get("WORKBENCH_DATA")
    if not place:
        pytest.skip("WORKBENCH_DATA is not set: the trials are not here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        chosen = settings.read(ROOT / "settings" / "ctn0094.toml")
        yield open_workspace(chosen.with_path(Path(place) / "ctn0094"), scope=EVERYONE)


def of_trial(data: Workspace, programme: str) -> pd.DataFrame:
    """Those who started in a trial, with their arm."""
    people = exposures.at_landmark(data, None).people
    people = people.join(exposures.case_mix(data, people, ["programme", "treatment"]))
    return people[people["programme"] == programme]


def test_completion_by_medicine_in_ctn_0027(trials: Workspace) -> None:
    known = of_trial(trials, "CTN-0027").groupby("treatment")["success"].agg(["sum", "count"])
    assert known.loc["Methadone"].tolist() == [392, 529]
    assert known.loc["Outpatient BUP"].tolist() == [344, 740]
    share = known["sum"] / known["count"]
    assert share["Methadone"] == pytest.approx(0.741021, abs=1e-6)
    assert share["Outpatient BUP"] == pytest.approx(0.464865, abs=1e-6)


def test_nobody_who_started_is_left_out_and_no_outcome_is_unknown(trials: Workspace) -> None:
    everyone = exposures.at_landmark(trials, None)
    assert (len(everyone.people), sum(everyone.dropped.values())) == (2_492, 0)
    assert everyone.people["success"].notna().all()


def test_those_who_began_their_medicine_in_ctn_0051(trials: Workspace) -> None:
    people = of_trial(trials, "CTN-0051")
    for support, arm, begun, of in (
        ("naltrexone injection", "Inpatient NR-NTX", 204, 283),
        ("buprenorphine", "Inpatient BUP", 270, 287),
    ):
        ids = people.loc[people["treatment"] == arm, "enrolment_id"]
        days = exposures.support_days(trials, support)
        assert (int(ids.isin(days.index).sum()), len(ids)) == (begun, of)
