"""Units side by side: what is expected of them, what is released, and what chance would do."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench.analyses import signals, units
from workbench.analyses.units import expecting, finding, tables
from workbench.disclosure import require_protected
from workbench.errors import AccessError, DataError
from workbench.words import units as said

EXACT = {"profile": "public", "basis": "drawn in a test"}
SETTINGS = {
    "attributes": {"need": {"case_mix": True}},
    "outcomes": {"success": ["home"], "horizon_days": 90},
    "exits": {"disengagement": ["lost contact"]},
    "disclosure": EXACT,
}


def service(workspace, groups, settings=None, **more):
    """`groups`: (site, need, people, successes) of people who started in January 2025."""
    clients, stays, outcomes = [], [], []
    for site, need, people, successes in groups:
        for n in range(people):
            name = f"{site}-{need}-{n}"
            clients.append({"client_id": name, "need": need})
            stays.append(
                {
                    "enrolment_id": name,
                    "client_id": name,
                    "site": site,
                    "organisation": "Harbour" if site == "A" else "Mill",
                    "referral_date": "2025-01-02",
                    "start_date": "2025-01-06",
                }
            )
            status = "achieved" if n < successes else "not achieved"
            outcome = {"outcome": "home", "outcome_date": "2025-02-03", "status": status}
            outcomes.append({"enrolment_id": name} | outcome)
    return workspace(
        settings=SETTINGS | (settings or {}),
        clients=clients, enrolments=stays, outcomes=outcomes, **more,
    )  # fmt: skip


MIXED = [("A", "low", 60, 45), ("A", "high", 20, 5), ("B", "low", 20, 15), ("B", "high", 60, 15)]


# --- observed and expected ----------------------------------------------------------------------


def test_units_that_differ_by_case_mix_alone_are_as_expected(workspace):
    """60 of 80 with low needs succeed and 20 of 80 with high needs, at both sites."""
    found = units.counts_table(service(workspace, MIXED), "success rate", "site")
    assert found["unit"].tolist() == ["A", "B"]
    assert found["observed"].tolist() == [50, 30]
    assert found["expected"].tolist() == pytest.approx([50, 30])
    require_protected(found)


def test_what_is_expected_adds_up_to_what_was_observed(workspace):
    groups = [("A", "low", 50, 44), ("B", "low", 70, 20), ("A", "high", 30, 9), ("B", "high", 9, 3)]
    found = units.counts_table(service(workspace, groups), "success rate", "site")
    low, high = 64 / 120, 12 / 39
    assert found["expected"].tolist() == pytest.approx([50 * low + 30 * high, 70 * low + 9 * high])
    assert found["expected"].sum() == pytest.approx(found["observed"].sum())


def test_too_few_outcomes_are_not_adjusted_and_it_says_so(workspace):
    groups = [("A", "low", 30, 3), ("A", "high", 30, 2), ("B", "low", 30, 2), ("B", "high", 30, 2)]
    data = service(workspace, groups)
    asked = units.counted(data, units.read(data, "success rate"), "site")
    assert asked.kind == "proportion" and asked.model.rarer == 9 and asked.model.needed == 10
    assert asked.table["expected"].isna().all()
    told = units.find(data, signals.funnel)
    assert any("would take 10 with the rarer outcome" in note for note in told.notes)
    bare = service(workspace, MIXED, {"attributes": {"need": {"case_mix": False}}})
    assert any(
        "settings name no case mix" in note for note in units.find(bare, signals.funnel).notes
    )


def test_only_the_last_twelve_complete_months_count(workspace):
    data = service(workspace, MIXED)
    assert units.read(data, "success rate").window == units.Window(
        date(2025, 1, 1), date(2025, 12, 31)
    )
    later = service(workspace, MIXED, as_of="2026-12-31")
    assert not len(units.read(later, "success rate").rows)
    start = units.read(data, "start rate").window
    assert start.last == date(2025, 12, 3)  # a referral has 28 days to lead to a start


def test_contacts_of_one_client_are_not_so_many_people():
    """Every client keeps all 10 contacts or none: as good as one contact each."""
    kept = np.tile([10, 0], 100)
    rows = pd.DataFrame({"client_id": [f"C{n}" for n in range(200)], "observed": kept, "cases": 10})
    effect = expecting.clustering(rows, np.full(200, 0.5))
    assert effect == pytest.approx(10 * 200 / 199)
    single = pd.DataFrame({"client_id": rows["client_id"], "observed": kept // 10, "cases": 1})
    assert expecting.clustering(single, np.full(200, 0.5)) == 1.0
    assert expecting.scatter(single.assign(team="A"), np.full(200, 0.5), "team") == pytest.approx(
        0.5
    )


def test_attendance_is_counted_in_contacts_and_judged_in_clients(workspace):
    contacts = [
        {
            "enrolment_id": f"{site}-{need}-{n}",
            "contact_date": f"2025-03-{day:02d}",
            "attended": bool(n % 4),
        }
        for site, need, people, _ in MIXED
        for n in range(people)
        for day in range(3, 9)
    ]
    data = service(workspace, MIXED, contacts=contacts)
    asked = units.counted(data, units.read(data, "attendance rate"), "site")
    assert asked.table["cases"].tolist() == [480, 480] and asked.table["people"].tolist() == [
        80,
        80,
    ]
    assert asked.scatter == pytest.approx(6 * 0.25, rel=0.05)
    found = units.find(data, signals.funnel)
    attendance = found.table[found.table["measure"] == "attendance rate"]
    assert (attendance["reading"] == said.WITHIN).all()


def test_who_drifted_away_counts_for_the_team_that_had_the_case(workspace):
    stays = [
        {"enrolment_id": f"E{n}", "start_date": "2025-01-06", "end_date": "2025-06-02",
         "exit_reason": "lost contact" if n < 30 else "done"}
        for n in range(60)
    ]  # fmt: skip
    workers = [f"W{n}" for n in range(6)]
    staff = [{"caseworker_id": w, "team": "North" if w < "W3" else "South"} for w in workers]
    held = [
        {"enrolment_id": f"E{n}", "caseworker_id": workers[n % 3], "start_date": "2025-01-06",
         "end_date": "2025-03-03"} for n in range(60)
    ] + [
        {"enrolment_id": f"E{n}", "caseworker_id": workers[3 + n % 3], "start_date": "2025-03-04"}
        for n in range(60)
    ]  # fmt: skip
    data = workspace(
        settings=SETTINGS | {"attributes": {}}, enrolments=stays, staff=staff, assignments=held
    )
    found = units.counts_table(data, "disengagement rate", "team").set_index("unit")
    assert found["cases"].to_dict() == {"North": 60, "South": 60}
    assert found["observed"].to_dict() == {"North": 0, "South": 30}


# --- who is not set side by side ----------------------------------------------------------------


@pytest.mark.parametrize("by", ["caseworker", "caseworker_id", "manager_id", "login"])
def test_people_are_refused(workspace, by):
    with pytest.raises(AccessError, match=r"people are not set side by side\. Ask about site"):
        units.counts_table(service(workspace, MIXED), "success rate", by)


def test_what_is_no_unit_and_no_measure_is_refused_in_words(workspace):
    data = service(workspace, MIXED)
    with pytest.raises(DataError, match=r"no two units called 'sites'\. Did you mean 'site'"):
        units.counts_table(data, "success rate", "sites")
    with pytest.raises(DataError, match="'caseload' is not set side by side"):
        units.counts_table(data, "caseload", "site")
    with pytest.raises(DataError, match=r"does not allow the measure: contacts\.attended is empty"):
        units.counts_table(data, "attendance rate", "site")


def test_a_team_of_two_workers_is_left_out_and_named(workspace):
    teams = ["North"] * 3 + ["South"] * 3 + ["West"] * 2
    staff = [{"caseworker_id": f"W{n}", "team": team} for n, team in enumerate(teams)]
    names = [f"{site}-{need}-{n}" for site, need, people, _ in MIXED for n in range(people)]
    held = [
        {"enrolment_id": name, "caseworker_id": f"W{n % 8}", "start_date": "2025-01-06"}
        for n, name in enumerate(names)
    ]
    data = service(workspace, MIXED, staff=staff, assignments=held)
    found = units.find(data, signals.funnel)
    rows = found.table[found.table["by"] == "team"]
    assert set(rows["unit"]) == {"North", "South"}
    assert found.missing[-1].endswith("fewer than three workers are behind them: West.")
    assert any(note.startswith("Start rate by team is left out") for note in found.missing)


def test_an_export_without_units_says_so(workspace):
    data = workspace(
        settings=SETTINGS, enrolments=[{"enrolment_id": "E", "start_date": "2025-01-06"}]
    )
    found = units.find(data, signals.funnel)
    assert not len(found.table) and found.missing == (said.NO_GROUPINGS,) and not found.drawn
    assert found.headline == "There are no units that can be set side by side."
    require_protected(found.table)


# --- what is released ---------------------------------------------------------------------------


def test_the_funnel_sees_released_numbers_only(workspace):
    seen = []

    def funnel(observed, expected, **more):
        seen.append((observed, expected))
        return signals.funnel(observed, expected, **more)

    groups = [*MIXED, ("C", "low", 33, 17), ("D", "low", 40, 4), ("E", "low", 12, 6)]
    data = service(workspace, groups, {"disclosure": {"profile": "rounded7"}})
    found = units.find(data, funnel)
    asked = next(each for each in found.questions if each.name == "success rate by site")
    rows = asked.counted.table.set_index("unit")
    assert rows.loc["C", ["cases", "observed"]].tolist() == [35, 15]
    assert rows.loc["D", ["observed", "share"]].isna().all()
    observed, expected = seen[0]
    assert set(observed.index) == {"A", "B", "C"}
    assert (observed * asked.counted.scatter % 5).round(9).isin([0, 5]).all()
    assert (expected * asked.counted.scatter % 5).round(9).isin([0, 5]).all()
    readings = asked.table.set_index("unit")["reading"]
    assert readings["D"] == readings["E"] == said.TOO_FEW
    assert rows.loc["E", ["observed", "expected"]].isna().all()  # 6, and 5.9 expected
    assert rows.loc["D", "expected"] == 20  # and not hidden because that of E is
    assert "Too few to show: D and E." in asked.sentence
    for table in (found.table, asked.table, asked.limits):
        require_protected(table)


def test_fewer_than_ten_expected_cannot_tell(workspace):
    groups = [
        ("A", "low", 100, 50),
        ("A", "high", 100, 50),
        ("B", "low", 14, 14),
        ("B", "high", 4, 0),
    ]
    found = units.find(service(workspace, groups), signals.funnel)
    readings = found.questions[0].table.set_index("unit")["reading"]
    assert readings.to_dict() == {"A": said.WITHIN, "B": said.CANNOT_TELL}
    assert "Too small to tell: B." in found.questions[0].sentence


# --- limits -------------------------------------------------------------------------------------


def asked(observed, sizes, kind, scatter=1.0):
    """A question from plain numbers, as if they had been counted."""
    names = [f"U{n:02d}" for n in range(len(sizes))]
    column = "expected" if kind == "ratio" else "cases"
    table = pd.DataFrame({"unit": names, "people": 100, "observed": observed})
    table["cases"] = sizes if kind == "proportion" else np.asarray(sizes) * 3
    table[column] = sizes
    table["share"] = table["observed"] / table["cases"]
    protected = finding.disclosure.protect(
        table, people=["people"], plain=[c for c in table if c not in ("unit", "people")]
    )
    window = units.Window(date(2025, 1, 1), date(2025, 12, 31))
    model = expecting.Expected({}, (), 0, 0)
    counted = units.Counted("success rate", window, "team", kind, scatter, model, protected)
    return finding._asked(counted, signals.funnel)


@pytest.mark.parametrize("kind", ["ratio", "proportion"])
@pytest.mark.parametrize("many", [4, 14])
def test_limits_are_drawn_where_they_are_judged(kind, many):
    dice = np.random.default_rng(4)
    sizes = dice.uniform(40, 200, many).round()
    share = dice.choice([0.3, 0.5, 0.8], many)
    observed = (sizes * (share if kind == "proportion" else 2 * share)).round()
    found = asked(observed, sizes, kind, scatter=0.7)
    assert found.apart == (many >= finding.LEAST_UNITS)
    for name in finding.LIMITS:
        x, y = found.limits["size"].astype(float), found.limits[name].astype(float)
        drawn = np.interp(found.table["size"].astype(float), x, y)
        assert drawn == pytest.approx(found.table[name].astype(float), abs=0.003)


def test_ordinary_differences_are_allowed_for_from_ten_units_on():
    observed = [30, 70] * 5
    assert asked(observed[:8], [50] * 8, "ratio").stands_out
    assert not asked(observed, [50] * 10, "ratio").stands_out


def test_one_unit_stands_out_and_none_is_ranked():
    found = asked([50, 90, 52], [50, 50, 50], "ratio")
    assert found.table["unit"].tolist() == ["U00", "U01", "U02"]
    assert found.table["reading"].tolist() == [said.WITHIN, said.OUTSIDE["99.8"], said.WITHIN]
    assert found.sentence.startswith("Success rate by team: U01 is higher than its case mix would")
    assert found.enough and found.size == "Expected by case mix"


# --- how often it is wrong ----------------------------------------------------------------------


def draw(dice, units_, people):
    """Readings of the adjusted and the crude funnel where units differ by case mix alone."""
    unit = np.repeat([f"U{n}" for n in range(units_)], people)
    lean = np.repeat(dice.normal(0, 1, units_), people)
    need = np.digitize(dice.normal(0.7 * lean, 1), [-1, 0, 1])
    chance = 1 / (1 + np.exp(0.7 - 0.6 * (need - 1.5)))
    ids = np.arange(len(unit)).astype(str)
    rows = pd.DataFrame({"enrolment_id": ids, "client_id": ids, "team": unit, "cases": 1})
    rows["observed"] = (dice.random(len(unit)) < chance).astype(int)
    model = expecting.by_mix(rows, pd.DataFrame({"need": need.astype(str)}))
    bare = expecting.Expected(None, (), 0, 0)
    disclosure = SimpleNamespace(profile="rounded7", basis="")
    data = SimpleNamespace(settings=SimpleNamespace(disclosure=disclosure))
    window = units.Window(date(2025, 1, 1), date(2025, 12, 31))
    cases = units.Cases("success rate", window, rows)
    return [
        finding._asked(tables.of_rows(data, cases, rows, "team", each), signals.funnel).table[
            "reading"
        ]
        for each in (model, bare)
    ]


def test_case_mix_alone_flags_about_the_nominal_share_once_adjusted_and_many_more_before():
    """The larger run stands in the methods: 6 units, 1,000 draws."""
    dice = np.random.default_rng(11)
    drawn = [draw(dice, 6, 150) for _ in range(40)]
    adjusted, crude = (
        pd.concat(each).isin(list(said.OUTSIDE.values())).mean()
        for each in zip(*drawn, strict=True)
    )
    assert adjusted < 0.08
    assert crude > 0.2


# --- words --------------------------------------------------------------------------------------


def test_sentences():
    readings = {"A": said.WITHIN, "B": said.OUTSIDE["95"], "C": said.CANNOT_TELL, "D": said.TOO_FEW}
    shares = {"A": 0.5, "B": 0.3, "C": 0.4}
    assert said.sentence("success rate", "team", readings, shares, 0.5, adjusted=True) == (
        "Success rate by team: B is lower than its case mix would lead one to expect (30% once "
        "adjusted, against 50% in all; beyond 95% limits). Too small to tell: C. Too few to "
        "show: D."
    )
    assert "B is lower than all units together (30%, against 50% in all;" in said.sentence(
        "success rate", "team", readings, shares, 0.5, adjusted=False
    )
    calm = dict.fromkeys("ABC", said.WITHIN)
    assert said.sentence("start rate", "site", calm, {}, 0.5, adjusted=False) == (
        "Start rate by site: the differences between the 3 that can be judged are ordinary."
    )
    none = dict.fromkeys("ABCDE", said.TOO_FEW)
    assert said.sentence("start rate", "site", none, {}, 0.5, adjusted=False) == (
        "Start rate by site: too few people in every unit to tell."
    )
    many = calm | {f"X{n}": said.TOO_FEW for n in range(9)}
    assert "Too few to show: 9 of them." in said.sentence(
        "start rate", "site", many, {}, 0.5, adjusted=False
    )


def test_headline_and_chance():
    assert said.headline(["team", "site"], 12, 0) == (
        "Of 12 figures of teams and sites, none lies outside what chance does: the differences "
        "between them are ordinary."
    )
    assert "1 lies outside what chance would do in 95 of 100" in said.headline(["team"], 12, 1)
    assert said.headline(["team"], 0, 0) == "Units have too few people to be set side by side."
    assert said.chance(41, 0.05).startswith("41 figures were judged. If no unit differed")
    assert "about 2 of them" in said.chance(41, 0.05) and "fewer than one" in said.chance(9, 0.05)
    assert said.chance(0, 0.05) == ""


def test_no_word_of_causes_or_of_ranks():
    spoken = " ".join([*said.READ.values(), *said.LABELS.values(), said.NO_GROUPINGS])
    for word in ("because of", "due to", "caused", "leads to", "best unit", "worst", "league"):
        assert word not in spoken.lower()
    assert "What it cannot tell you" in said.READ["funnel"]
