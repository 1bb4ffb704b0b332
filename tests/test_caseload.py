"""Cases of one worker and of one team: lists, what is late, attribution, limits, protection."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench import audiences, disclosure, measures, store
from workbench.analyses import caseload, disengagement, quality, signals
from workbench.errors import AccessError
from workbench.store import Scope

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SETTINGS = str(Path(__file__).parents[1] / "settings" / "sample.toml")
AS_OF = pd.Timestamp("2025-11-30")
EXACT = {"disclosure": {"profile": "exact", "basis": "for the caseworker"}}


# --- the sample, counted by hand from its files -------------------------------------------------


def dated(frame, *columns):
    for name in columns:
        frame[name] = pd.to_datetime(frame[name].str[:10], format="%d/%m/%Y", errors="coerce")
    return frame


@pytest.fixture(scope="module")
def files():
    known = wb.open(SETTINGS, as_of="2025-11", scope=wb.EVERYONE)
    enrolments = known.tables.enrolments.to_pandas()["enrolment_id"]  # consent, rows set aside

    def read(name, *days):
        frame = dated(pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, encoding="utf-8-sig"), *days)
        return frame[frame["Enrolment ref"].isin(enrolments)].drop_duplicates()

    cases = read("enrolments", "Start date", "End date", "Referral date")
    every = cases
    over = cases["End date"] <= AS_OF
    cases = cases[(cases["Start date"] <= AS_OF) & ~over]
    held = read("case_holders", "From", "To")
    return {
        "all": every,
        "open": cases,
        "held": held[(held["From"] <= AS_OF) & ~(held["To"] < AS_OF)],
        "ever": held,
        "activity": read("activity", "Date", "Recorded at"),
        "actions": read("action_plans", "Created", "Due", "New due date", "Done"),
        "assessments": read("assessments", "Date"),
    }


def of_worker(files, worker):
    held = files["held"].loc[files["held"]["Worker"] == worker, "Enrolment ref"]
    return files["open"][files["open"]["Enrolment ref"].isin(held)]


def late_actions(files, cases):
    actions = files["actions"][files["actions"]["Enrolment ref"].isin(cases["Enrolment ref"])]
    due = actions["New due date"].fillna(actions["Due"])
    waiting = ~(actions["Done"] <= AS_OF) & ~(actions["Created"] > AS_OF)
    return actions[waiting & (due < AS_OF)]


def reviews_due(files, cases):
    done = files["assessments"][files["assessments"]["Date"] <= AS_OF]
    last = done.groupby("Enrolment ref")["Date"].max()
    last = cases["Enrolment ref"].map(last).fillna(cases["Start date"])
    return last + pd.Timedelta(days=91)


@pytest.fixture(scope="module")
def w12():
    return wb.open_for("caseworker", "W12", settings=SETTINGS, as_of="2025-11")


@pytest.fixture(scope="module")
def west():
    return wb.open_for("team_manager", "West", settings=SETTINGS, as_of="2025-11")


def test_a_workers_list_is_that_of_the_files(files, w12):
    cases = of_worker(files, "W12")
    rows = caseload.cases(w12)
    assert list(rows["client_id"]) == sorted(cases["Client ref"].unique())
    contacts = files["activity"]
    contacts = contacts[
        (contacts["Type"] == "Contact") & (contacts["Channel"] != "ADM")
        & (contacts["Attended"] != "N") & (contacts["Date"] <= AS_OF)
    ]  # fmt: skip
    last = contacts.groupby("Enrolment ref")["Date"].max()
    days = (AS_OF - cases["Enrolment ref"].map(last)).dt.days.groupby(cases["Client ref"]).min()
    assert rows.set_index("client_id")["days_since_contact"].tolist() == days.tolist()
    due = reviews_due(files, cases).groupby(cases["Client ref"]).min()
    assert rows.set_index("client_id")["review_due"].tolist() == due.tolist()


def test_what_is_overdue_is_that_of_the_files(files, w12):
    cases = of_worker(files, "W12")
    late = caseload.overdue(w12, caseload.cases(w12))
    assert (late["kind"] == "action").sum() == len(late_actions(files, cases)) > 0
    assert (late["kind"] == "review").sum() == (reviews_due(files, cases) < AS_OF).sum() > 0
    assert late["due"].is_monotonic_increasing
    assert (late["days_late"] == (AS_OF - late["due"]).dt.days).all()


def test_a_case_that_passed_on_is_in_the_figures_of_each_worker_only_while_they_held_it():
    """The cases of W10 went to W12 on 2 September 2024; both had them, never on the same day."""
    whole = wb.open(SETTINGS, as_of="2025-11", scope=wb.EVERYONE)
    passed = whole.tables.assignments.to_pandas()
    both = passed.groupby("enrolment_id")["caseworker_id"].agg(set)
    case = sorted(both[both == {"W10", "W12"}].index)[0]
    contacts = whole.tables.contacts.to_pandas()
    days = pd.to_datetime(contacts.loc[contacts["enrolment_id"] == case, "contact_date"])
    new = pd.Timestamp("2024-09-02")
    for worker, mine in (("W10", days[days < new]), ("W12", days[days >= new])):
        own = caseload.attributed(as_worker(whole, worker))
        found = own.tables.contacts.filter(own.tables.contacts.enrolment_id.startswith(case))
        assert found.count().execute() == len(mine) > 0


@pytest.mark.parametrize("worker", ["W01", "W10", "W12"])
def test_measures_of_a_cut_workspace_are_those_by_worker(worker):
    data = as_worker(wb.open(SETTINGS, as_of="2025-11", scope=wb.EVERYONE), worker)
    own = caseload.attributed(data)
    for name in [*measures.names(own), "actions overdue", "caseload", "disengagement rate"]:
        cut = measures.build(own, name).set_index("interval")
        by = measures.build(data, name, by="caseworker_id")
        by = by[by["caseworker_id"] == worker].set_index("interval")
        pd.testing.assert_frame_equal(cut[["numerator", "denominator", "clients"]],
                                      by[["numerator", "denominator", "clients"]])  # fmt: skip


def test_a_team_is_that_of_the_files(files, west):
    table = caseload.workers_table(west)
    assert list(table["worker"]) == ["W09", "W11", "W12"]  # W10 has left, the manager holds none
    for worker, clients, full in zip(table["worker"], table["clients"], table["full"], strict=True):
        assert clients == of_worker(files, worker)["Client ref"].nunique()
        assert full == {"W09": 20, "W11": 12, "W12": 20}[worker]
    late = caseload.timeliness_table(west).set_index("worker")
    for worker in late.index:
        cases = of_worker(files, worker)
        assert late.loc[worker, "actions_overdue"] == len(late_actions(files, cases))
        overdue = cases.loc[reviews_due(files, cases) < AS_OF, "Client ref"]
        assert late.loc[worker, "reviews_overdue"] == overdue.nunique()


def test_a_teams_exceptions_are_those_of_the_files(files, west):
    held = files["held"]
    ours = held.loc[held["Worker"].isin(["W09", "W10", "W11", "W12"]), "Enrolment ref"]
    cases = files["open"][files["open"]["Enrolment ref"].isin(ours)]
    table = caseload.exceptions_table(west).set_index("what")
    planned = files["actions"][~(files["actions"]["Created"] > AS_OF)]["Enrolment ref"]
    without = cases[~cases["Enrolment ref"].isin(planned)]["Client ref"].nunique()
    assert table.loc["without an action on a plan", "clients"] == without
    assert set(table["of"]) == {cases["Client ref"].nunique()}


def test_what_comes_in_is_that_of_the_files(files, west):
    held = files["ever"][files["ever"]["Worker"].isin(["W09", "W10", "W11", "W12"])]
    cases = files["all"].merge(held, on="Enrolment ref")
    first = cases[(cases["From"] <= cases["Start date"]) & ~(cases["To"] < cases["Start date"])]
    month = first["Start date"].dt.to_period("M").dt.to_timestamp()
    begun = first.groupby(month)["Client ref"].nunique()
    table = caseload.flow_table(west).set_index("month")
    assert table["started"].sort_index().tolist() == begun.loc["2024-12":"2025-11"].tolist()
    assert table["taken_over"].sum() == 0
    whole = caseload.flow_table(west, 30).set_index("month")
    assert whole.loc["2024-09-01", ["taken_over", "passed_on"]].tolist() == [0, 0]  # W10 to W12


# --- who may see it -----------------------------------------------------------------------------


def as_worker(whole, worker):
    asked = whole.settings.audiences["caseworker"]
    scope = Scope(worker, frozenset([worker]), ever=True, own=True)
    return whole.within(scope, audiences.limited(whole.settings, asked))


def test_lists_are_for_the_worker_alone(west):
    for made in (caseload.cases, lambda data: caseload.to_fix(data, ())):
        with pytest.raises(AccessError, match="single cases are for the caseworker"):
            made(west)
    everyone = wb.open(SETTINGS, as_of="2025-11", scope=wb.EVERYONE)
    with pytest.raises(AccessError, match="whose cases"):
        caseload.attributed(everyone)


def test_no_colleague_is_in_a_workers_lists(w12):
    rows = caseload.cases(w12, disengagement.caseload(w12, "W12", learn=False))
    lists = [
        rows,
        caseload.glance(w12, rows),
        caseload.overdue(w12, rows),
        caseload.to_fix(w12, quality.fixes.CHECKS),
        caseload.trend(w12, signals.xmr, signals.p_chart).table,
    ]
    said = " ".join(each.to_csv() for each in lists)
    assert not [f"W{n:02}" for n in range(1, 12) if f"W{n:02}" in said]


@pytest.mark.parametrize("profile", ["exact", "rounded7"])
def test_every_table_of_a_team_is_protected(west, profile):
    rules = west.settings.disclosure.model_copy(update={"profile": profile})
    data = west.within(west.scope, west.settings.model_copy(update={"disclosure": rules}))
    flow = caseload.flow(data, signals.xmr)
    tables = [
        caseload.workers_table(data),
        caseload.timeliness_table(data),
        caseload.exceptions_table(data),
        caseload.flow_table(data),
        caseload.handovers_table(data),
        flow.table,
        flow.headlines,
    ]
    for table in tables:
        disclosure.require_protected(table)
        assert table.attrs["disclosure"] == profile or "sentence" in table
    if profile == "rounded7":
        late = caseload.timeliness_table(data)
        counts = late.select_dtypes("number").stack()
        assert ((counts == 0) | (counts >= 10)).all()
        assert (late["waited"].isna().sum() != 1).all()
        table = caseload.flow_table(data)
        assert (table["started"].isna() == table["taken_over"].isna()).all()


def test_flags_go_by_the_rule_and_learn_nothing(w12, monkeypatch):
    room = sys.modules["workbench.analyses.disengagement.caseload"]
    monkeypatch.setattr(room, "study", None)
    flags = disengagement.caseload(w12, "W12", learn=False)
    assert flags["chance"].isna().all()
    rows = caseload.cases(w12, flags)
    first = rows[rows["flag"] == "call first"]
    assert len(first) == w12.settings.disengagement.calls_a_week
    rest = rows[~rows["flag"].isin(["call first", "check: still with us?"])]
    assert first["days_since_contact"].min() >= rest["days_since_contact"].max()


# --- drawn: the edges ---------------------------------------------------------------------------


@pytest.fixture
def own(workspace):
    """A workspace of the worker A, drawn in the test."""

    def build(*, scope=("A",), own=True, settings=None, **tables):
        data = workspace(settings={**EXACT, **(settings or {})}, as_of="2025-06-30", **tables)
        return as_scope(data, frozenset(scope), own)

    return build


def as_scope(data, workers, own):
    scope = Scope("A", workers, ever=True, own=own)
    return replace(data, scope=scope, tables=store._scoped(data.tables, scope, data.as_of))


def case(name, start="2025-01-01", **more):
    return {"enrolment_id": name, "start_date": start, **more}


def held(name, worker, start="2025-01-01", end=None):
    return {
        "enrolment_id": name, "caseworker_id": worker, "start_date": start, "end_date": end,
    }  # fmt: skip


def contact(name, day, attended=True, recorded_at=None):
    return {
        "enrolment_id": name, "contact_date": day, "attended": attended, "recorded_at": recorded_at,
    }  # fmt: skip


def test_a_worker_with_no_case_left_is_told_so(own):
    data = own(
        enrolments=[case("gone")],
        assignments=[held("gone", "A", end="2025-03-31"), held("gone", "B", "2025-04-01")],
    )
    rows = caseload.cases(data, disengagement.caseload(data, "A", learn=False))
    late, fix = caseload.overdue(data, rows), caseload.to_fix(data, quality.fixes.CHECKS)
    assert rows.empty and late.empty and fix.empty
    assert caseload.glance(data, rows).empty
    assert caseload.short_days(data, late).empty
    assert caseload.summary(data, rows, late, fix) == (
        "You hold no open case on this day, so there is nothing to list."
    )
    followed = {"reporting": {"measures": ["attendance rate", "entered in time"]}}
    data = own(settings=followed, enrolments=[case("gone")], assignments=[held("gone", "A")])
    assert caseload.trend(data, signals.xmr, signals.p_chart) is None  # no contacts at all


def test_a_case_held_by_two_is_in_both_lists_and_names_nobody(own):
    data = own(enrolments=[case("two")], assignments=[held("two", "A"), held("two", "Zed")])
    rows = caseload.cases(data)
    assert rows["shared"].tolist() == [True]
    shown = caseload.glance(data, rows)
    assert shown["programme"].tolist() == ["Support (with a colleague)"]
    assert "Zed" not in shown.to_csv()


def test_a_client_with_two_enrolments_is_one_row_with_the_earliest_of_each(own):
    data = own(
        enrolments=[
            case("one", client_id="c", programme="Alpha"),
            case("two", "2025-05-01", client_id="c", programme="Beta"),
        ],
        assignments=[held("one", "A"), held("two", "A", "2025-05-01")],
        contacts=[contact("one", "2025-02-01"), contact("two", "2025-06-20"),
                  contact("two", "2025-06-28", False)],
        actions=[{"enrolment_id": "two", "need": "debt", "action": "=cmd()",
                  "due_date": "2025-06-01"},
                 {"enrolment_id": "one", "need": "home", "action": "<script>",
                  "due_date": "2025-05-01", "revised_date": "2025-07-04"}],
    )  # fmt: skip
    rows = caseload.cases(data)
    assert len(rows) == 1
    assert rows.loc[0, "days_since_contact"] == 10
    assert rows.loc[0, "days_since_offered"] == 2
    shown = caseload.glance(data, rows)
    assert shown.loc[0, "programme"] == "Alpha and Beta"
    assert shown.loc[0, "to_do"] == "missed 2 days ago; action 1 Jun (late)"
    late = caseload.overdue(data, rows)
    assert late[["what", "days_late"]].values.tolist() == [["=cmd() (debt)", 29]]


def test_a_contact_booked_ahead_is_next_and_one_after_the_day_is_not_known(own):
    data = own(
        enrolments=[case("a"), case("b")],
        assignments=[held("a", "A"), held("b", "A")],
        contacts=[contact("a", "2025-07-02", None, "2025-06-25 10:00"),
                  contact("b", "2025-07-02", True, "2025-07-02 10:00")],
    )  # fmt: skip
    rows = caseload.cases(data)
    assert rows["next_contact"].tolist() == [pd.Timestamp("2025-07-02"), pd.NaT]
    assert caseload.glance(data, rows)["to_do"].tolist() == [
        "no contact yet; contact 2 Jul",
        "no contact yet",
    ]


def test_due_on_the_day_is_not_late_and_done_later_is_not_known(own):
    due = {"enrolment_id": "a", "need": "debt", "action": "x"}
    data = own(
        enrolments=[case("a", "2025-06-01")],
        assignments=[held("a", "A")],
        actions=[
            due | {"due_date": "2025-06-30"},
            due | {"due_date": "2025-06-29", "done_date": "2025-07-01"},
            due | {"due_date": "2025-06-28", "done_date": "2025-06-30"},
            due | {"due_date": "2025-06-01", "created_date": "2025-07-01"},
        ],
        assessments=[],
    )
    late = caseload.overdue(data, caseload.cases(data))
    assert late["days_late"].tolist() == [1]
    assert caseload.cases(data)["review_due"].tolist() == [pd.Timestamp("2025-08-31")]


def test_only_the_last_holder_is_asked_to_mend(own):
    tables = {
        "enrolments": [case("x"), case("y")],
        "assignments": [
            held("x", "A", end="2025-03-31"), held("x", "B", "2025-04-01"),
            held("y", "A", end="2025-03-31"),
        ],
        "contacts": [contact("x", "2025-02-01", None), contact("y", "2025-02-01", None),
                     contact("y", "2025-02-02", None)],
    }  # fmt: skip
    fix = caseload.to_fix(own(**tables), quality.fixes.CHECKS)
    assert fix[["client_id", "missing", "records"]].values.tolist() == [["y", "attendance", 2]]


def test_where_every_action_is_done_nothing_is_due(own):
    done = {"enrolment_id": "a", "need": "debt", "action": "x", "done_date": "2025-06-02"}
    data = own(enrolments=[case("a")], assignments=[held("a", "A")], actions=[done])
    rows = disengagement.caseload(data, "A", learn=False)
    assert rows["next_due"].isna().tolist() == [True]


def test_without_plans_assessments_staff_or_absences_nothing_fails(own):
    data = own(enrolments=[case("a")], assignments=[held("a", "A")])
    rows = caseload.cases(data, disengagement.caseload(data, "A", learn=False))
    assert rows[["next_due", "review_due"]].isna().all(axis=None)
    late, fix = caseload.overdue(data, rows), caseload.to_fix(data, quality.fixes.CHECKS)
    assert caseload.summary(data, rows, late, fix) == (
        "You hold the cases of 1 client: 1 of them not seen for more than 28 days and no records "
        "to fix."
    )


# --- a team, drawn ------------------------------------------------------------------------------


@pytest.fixture
def team(own):
    return own(
        own=False,
        scope=("A", "B", "Gone", "New"),
        enrolments=[case(name) for name in "abcd"] + [case("e", end_date="2025-05-05")],
        assignments=[
            held("a", "A"), held("b", "Gone"), held("c", "B", end="2025-05-31"),
            held("d", "Else", end="2025-04-30"), held("d", "B", "2025-05-01"),
            held("e", "A", end="2025-05-05"),
        ],
        contacts=[contact("a", "2025-06-20")],
        actions=[{"enrolment_id": "a", "need": "debt", "action": "x", "due_date": "2025-06-01"}],
        assessments=[
            {"enrolment_id": "a", "scale": "s", "assessment_date": "2025-06-01", "score": 1}
        ],
        staff=[
            {"caseworker_id": "A", "manager_id": "M", "hours_per_week": 18.75},
            {"caseworker_id": "B", "manager_id": "M"},
            {"caseworker_id": "Gone", "end_date": "2025-05-31", "hours_per_week": 37.5},
            {"caseworker_id": "New", "hours_per_week": 37.5},
            {"caseworker_id": "M"},
        ],
        absences=[
            {"caseworker_id": "A", "start_date": "2025-06-29", "end_date": "2025-07-04"},
            {"caseworker_id": "B", "start_date": "2025-07-10", "end_date": "2025-07-12"},
            {"caseworker_id": "New", "start_date": "2025-07-20", "end_date": "2025-07-21"},
        ],
    )  # fmt: skip


def test_caseloads_of_a_drawn_team(team):
    table = caseload.workers_table(team).set_index("worker")
    assert list(table.index) == ["A", "B", "Gone", "New"]
    assert table["clients"].tolist() == [1, 1, 1, 0]
    assert table["full"].tolist()[0] == 10 and pd.isna(table["full"].tolist()[1])
    assert table["of_full"].tolist()[0] == 0.1
    assert table["away"].tolist() == [
        "away until 4 July", "away from 10 July to 12 July", "left on 31 May 2025", "no",
    ]  # fmt: skip


def test_exceptions_of_a_drawn_team(team):
    table = caseload.exceptions_table(team)
    assert table["clients"].tolist() == [1, 1, 3, 3, 3]  # c; b; b, c, d
    assert caseload.team_summary(table).startswith(
        "The team has 4 clients with an open case: 1 with an open case that nobody holds; "
        "1 held only by somebody who has left; 3 not seen"
    )


def test_flows_and_handovers_of_a_drawn_team(team):
    table = caseload.flow_table(team).set_index("month")
    kinds = ["started", "taken_over", "ended", "passed_on"]
    assert table.loc["2025-01-01", kinds].tolist() == [4, 0, 0, 0]
    assert table.loc["2025-05-01", kinds].tolist() == [0, 1, 1, 1]
    moved = caseload.handovers_table(team).set_index("what")["clients"]
    assert moved.to_dict() == {
        "within the team": 0, "from another team": 1, "to another team": 0,
        "clients handed over twice or more": 0,
    }  # fmt: skip


def test_a_case_handed_on_within_the_team_neither_comes_nor_goes(own):
    data = own(
        own=False,
        scope=("A", "B"),
        enrolments=[case("a")],
        assignments=[held("a", "A", end="2025-03-31"), held("a", "B", "2025-04-01")],
        staff=[{"caseworker_id": "A"}, {"caseworker_id": "B"}],
    )
    table = caseload.flow_table(data).set_index("month")
    assert table.loc["2025-03-01":].drop(columns="note").to_numpy().sum() == 0
    assert caseload.handovers_table(data)["clients"].tolist() == [1, 0, 0, 0]


def test_a_case_held_by_two_together_is_no_handover(own):
    data = own(
        own=False,
        scope=("A", "B"),
        enrolments=[case("a")],
        assignments=[held("a", "A"), held("a", "B", "2025-04-01")],
        staff=[{"caseworker_id": "A"}, {"caseworker_id": "B"}],
    )
    assert caseload.handovers_table(data)["clients"].sum() == 0


# --- limits for one person ----------------------------------------------------------------------


def months(clients, n=15):
    """Clients from April 2024 on, each with ten contacts a month, two and four missed in turn."""
    names = [f"c{i}" for i in range(clients)]
    start = pd.Timestamp("2024-04-01")
    days = pd.date_range(start, periods=n, freq="MS")
    return {
        "enrolments": [case(name, "2024-04-01") for name in names],
        "assignments": [held(name, "A", "2024-04-01") for name in names],
        "contacts": [
            contact(name, str((day + pd.Timedelta(days=k + 1)).date()), k >= (2, 4)[place % 2])
            for name in names
            for place, day in enumerate(days)
            for k in range(10)
        ],
    }


def test_few_clients_are_too_few_to_tell_with_the_change_that_could_be_seen(own):
    data = own(settings={"reporting": {"measures": ["attendance rate"]}}, **months(4))
    found = caseload.trend(data, signals.xmr, signals.p_chart)
    assert found.headlines["reading"].tolist() == ["too few to tell"]
    assert found.judged == 0 and found.table["lower"].isna().all()
    # three standard errors of .7067 of 40 contacts: 3 * sqrt(.7067 * .2933 / 40) = .216
    assert found.headlines["sentence"].tolist() == [
        "Attendance rate stood at 80% in June 2025. Too few clients to tell a change from chance. "
        "With these numbers, a month has to differ by about 22 points from the average before it "
        "means anything."
    ]


def test_with_enough_clients_limits_rest_on_the_first_months(own):
    data = own(settings={"reporting": {"measures": ["attendance rate"]}}, **months(6))
    found = caseload.trend(data, signals.xmr, signals.p_chart)
    limits = found.table.dropna(subset=["lower"])
    assert found.judged == 1 and found.points == 15
    # of the first 13: 7 months of .8 and 6 of .6; less 3 * sqrt(.7077 * .2923 / 60)
    assert limits["lower"].astype(float).round(4).unique().tolist() == [0.5315]
    assert "differ by about 18 points" in found.headlines["sentence"].iloc[0]


def test_few_months_are_too_few(own):
    data = own(settings={"reporting": {"measures": ["attendance rate"]}}, **months(6, 6))
    data = replace(data, as_of=pd.Timestamp("2024-09-30").date())
    found = caseload.trend(data, signals.xmr, signals.p_chart)
    assert "Too few months to tell: 6 of the 13" in found.headlines["sentence"].iloc[0]
