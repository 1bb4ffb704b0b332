"""Who is drifting away, through the store: who was there, who left, what a model may learn from."""

import dataclasses
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import sample, words
from workbench.analyses import disengagement
from workbench.analyses.disengagement.cohort import (
    GONE,
    NOT_SAID,
    SILENT,
    as_of_days,
    cohort,
    last_known,
    with_features,
)
from workbench.analyses.disengagement.study import lists_of
from workbench.errors import DataError
from workbench.store import Tables

START = pd.Timestamp("2025-01-06")
DAY = 100  # the as-of date of these tests, counted from START
EXITS = {"disengagement": ["Lost"], "completion": ["Done"], "neither": ["Died", "Custody", "Moved"]}


def on(day):
    return (START + pd.Timedelta(days=day)).date()


def stay(name, start=0, end=None, reason=None, typed=None, **own):
    row = {"enrolment_id": name, "start_date": str(on(start)), **own}
    if end is None:
        return row | {"end_date": None, "exit_reason": None, "end_recorded_at": None}
    typed = end if typed is None else typed
    return row | {
        "end_date": str(on(end)),
        "exit_reason": reason,
        "end_recorded_at": f"{on(typed)} 12:00",
    }


def contact(name, day, attended=True, typed=None):
    typed = day if typed is None else typed
    return {
        "enrolment_id": name,
        "contact_date": str(on(day)),
        "attended": attended,
        "recorded_at": f"{on(typed)} 12:00",
    }


@pytest.fixture
def found(workspace):
    """The cohort of the close of one day, and its labels by enrolment."""

    def build(enrolments, contacts=(), day=DAY, **asked):
        people = [each["enrolment_id"] for each in enrolments]
        contacts = list(contacts) or [contact(people[0], 1)]
        data = workspace(
            enrolments=enrolments,
            contacts=contacts,
            settings={"exits": EXITS, "disengagement": {"entry_lag_days": 0, **asked}},
            as_of=str(on(400)),
        )
        made = cohort(data, [on(day)], data.settings.disengagement)
        return made, made.rows.set_index("enrolment_id")["label"].to_dict()

    return build


# --- who left, by the reason of the exit ----------------------------------------------------------


def test_leaving_is_an_exit_for_a_reason_called_disengagement_within_the_horizon(found):
    _, label = found(
        [
            stay("there"),
            stay("next day", end=DAY + 1, reason="Lost"),
            stay("last day", end=DAY + 28, reason="Lost"),
            stay("a day later", end=DAY + 29, reason="Lost"),
            stay("typed in much later", end=DAY + 5, reason="Lost", typed=DAY + 200),
        ]
    )
    assert label == {
        "there": 0, "next day": 1, "last day": 1, "a day later": 0, "typed in much later": 1
    }  # fmt: skip


@pytest.mark.parametrize("reason", ["Done", "Died", "Custody", "Moved"])
def test_planned_ends_death_custody_and_moves_are_no_disengagement(found, reason):
    made, label = found([stay("e1", end=DAY + 10, reason=reason), stay("e2")])
    assert label == {"e1": 0, "e2": 0}
    assert made.dropped.empty


def test_an_exit_without_a_reason_is_left_out_and_counted(found):
    made, label = found(
        [
            stay("no reason", end=DAY + 10),
            stay("a reason not named", end=DAY + 10, reason="Other"),
            stay("no reason, after the horizon", end=DAY + 40),
        ]
    )
    assert label == {"no reason, after the horizon": 0}
    assert made.dropped.to_dict() == {NOT_SAID: 2}


def test_an_exit_typed_in_late_is_gone_and_never_somebody_who_stayed(found):
    made, label = found(
        [
            stay("typed in later", end=DAY - 5, reason="Lost", typed=DAY + 9),
            stay("of the day, typed in later", end=DAY, reason="Lost", typed=DAY + 1),
            stay("typed in", end=DAY - 5, reason="Lost"),
            stay("there"),
        ]
    )
    assert label == {"there": 0}
    assert sorted(made.gone["enrolment_id"]) == ["of the day, typed in later", "typed in later"]
    assert made.dropped.to_dict() == {GONE: 2}


def test_those_not_started_or_typed_in_later_are_not_there(found):
    _, label = found(
        [
            stay("later", start=DAY + 1),
            stay("today", start=DAY),
            stay("e3", recorded_at=str(on(110))),
        ]
    )
    assert label == {"today": 0}


def test_overlapping_enrolments_of_a_client_each_have_an_end_of_their_own(found):
    made, label = found(
        [
            stay("a", client_id="ann", programme="Homes", end=DAY + 3, reason="Lost"),
            stay("b", client_id="ann", programme="Work", start=20),
        ]
    )
    assert label == {"a": 1, "b": 0}
    assert made.rows["client_id"].tolist() == ["ann", "ann"]


# --- who left, by time without contact ------------------------------------------------------------


def every(name, step, first, last):
    return [contact(name, day) for day in range(first, last + 1, step)]


def silent(found, stays, contacts, **asked):
    return found(stays, contacts, no_contact_days=30, **asked)


def test_leaving_is_dated_at_the_last_kept_contact(found):
    days = {
        "steady": range(0, 401, 10),
        "stops on the next day": [*range(0, 91, 10), DAY + 1],
        "stops on the last day": [*range(0, 121, 10), DAY + 28],
        "stops a day later": [*range(0, 121, 10), DAY + 29],
        "comes back after 31 days": [*range(0, 111, 10), *range(141, 401, 10)],
        "comes back after 30 days": [*range(0, 111, 10), *range(140, 401, 10)],
    }
    contacts = [contact(name, day) for name, each in days.items() for day in each]
    made, label = silent(found, [stay(name) for name in days], contacts)
    assert label == {
        "steady": 0,
        "stops on the next day": 1,
        "stops on the last day": 1,
        "stops a day later": 0,
        "comes back after 31 days": 1,
        "comes back after 30 days": 0,
    }
    assert made.dropped.empty


def test_being_there_is_defined_the_same_way(found):
    days = {
        "30 days ago": [70, *range(105, 401, 10)],  # comes back after 35 days: had left on day 70
        "30 days ago, and back on day 30": range(70, 401, 30),
        "31 days ago": [69, 105],
        "today, never again": [90, DAY],
        "left once, long ago": [5, *range(50, 401, 10)],
    }
    contacts = [contact(name, day) for name, each in days.items() for day in each]
    made, label = silent(found, [stay(name) for name in days], contacts)
    assert label == {"30 days ago, and back on day 30": 0, "left once, long ago": 0}
    assert made.dropped.to_dict() == {SILENT: 1, GONE: 2}
    assert sorted(made.gone["enrolment_id"]) == ["30 days ago", "today, never again"]


def test_the_start_counts_as_a_contact_and_missed_ones_do_not(found):
    contacts = [
        *every("new", 10, 105, 400),
        *every("misses", 10, 0, 110),
        *[contact("misses", day, attended=False) for day in range(115, 400, 10)],
    ]
    stays = [stay("new", start=80), stay("never seen", start=90), stay("misses")]
    made, label = silent(found, stays, contacts)
    assert label == {"new": 0, "misses": 1}
    assert made.gone["enrolment_id"].tolist() == ["never seen"]


def test_a_planned_end_that_comes_first_is_no_leaving(found):
    ends = {
        "planned": (115, "Done", 0),
        "died": (140, "Died", 0),  # 30 days after the last contact
        "planned, after silence": (141, "Done", 1),
        "lost": (115, "Lost", 1),
        "planned, with a letter long after it": (115, "Done", 0),
    }
    contacts = [each for name in ends for each in every(name, 10, 0, 110)]
    contacts.append(contact("planned, with a letter long after it", 190))
    _, label = silent(
        found, [stay(name, end=end, reason=why) for name, (end, why, _) in ends.items()], contacts
    )
    assert label == {name: left for name, (_, _, left) in ends.items()}


def test_a_last_contact_typed_in_later_is_gone_and_never_somebody_who_stayed(found):
    contacts = [
        *every("gone", 10, 0, 90),
        contact("gone", 98, typed=110),
        *every("there", 10, 0, 90),
        contact("there", 98, typed=110),
        *every("there", 10, 105, 400),
    ]
    made, label = silent(found, [stay("gone"), stay("there")], contacts)
    assert label == {"there": 0}
    assert made.gone["enrolment_id"].tolist() == ["gone"]


def test_so_many_days_more_must_have_gone_by(workspace):
    data = workspace(
        enrolments=[stay("e1")],
        contacts=[contact("e1", 1)],
        settings={"disengagement": {"no_contact_days": 30, "entry_lag_days": 5}},
        as_of=str(on(200)),
    )
    assert last_known(data, data.settings.disengagement) == on(200 - 5 - 28 - 30)


# --- the days -------------------------------------------------------------------------------------


def test_days_whose_outcome_is_not_known_are_refused_in_words(workspace):
    data = workspace(
        enrolments=[stay("e1")],
        settings={"exits": EXITS, "disengagement": {"entry_lag_days": 14}},
        as_of=str(on(200)),
    )
    last = on(200 - 28 - 14)
    with pytest.raises(DataError) as error:
        disengagement.fit(data, as_of_dates=[on(100), on(159), on(170)])
    assert str(error.value) == (
        f"as_of_dates: of 2 of 3 it is not known yet who left, the first {on(159)}: 28 days and "
        f"the time it takes to type an exit in must have gone by. The last that can be used is "
        f"{last}."
    )
    with pytest.raises(DataError, match=f"The last that can be used is {on(200 - 14 - 90)}"):
        disengagement.fit(data, as_of_dates=[on(100)], horizon_days=90)
    disengagement.fit(data, as_of_dates=[last])


def test_days_outside_the_records_or_none_are_refused(workspace):
    data = workspace(
        enrolments=[stay("e1")], settings={"exits": EXITS}, complete_from="2025-01-01",
        as_of=str(on(200)),
    )  # fmt: skip
    with pytest.raises(DataError, match=r"as_of_dates: 1 of 2 lie outside the records"):
        disengagement.fit(data, as_of_dates=[date(2020, 1, 1), on(100)])
    with pytest.raises(DataError, match=r"are not all days. Give dates, such as 2025-10-01"):
        disengagement.fit(data, as_of_dates=["next week"])
    with pytest.raises(DataError, match=r"there is none that can be used"):
        disengagement.fit(data, as_of_dates=[])
    with pytest.raises(DataError, match=r"nobody was with the service at the close of 1 day"):
        disengagement.fit(data, as_of_dates=[date(2025, 1, 2)])


def test_days_go_back_from_the_last_that_is_known(workspace):
    asked = {"entry_lag_days": 0, "every_days": 28, "dates": 3}
    data = workspace(
        enrolments=[stay("e1")], settings={"exits": EXITS, "disengagement": asked},
        complete_from=str(on(0)), as_of=str(on(200)),
    )  # fmt: skip
    assert as_of_days(data, data.settings.disengagement) == [on(116), on(144), on(172)]
    short = dataclasses.replace(data, as_of=on(150))  # 56 days of records must lie before
    assert as_of_days(short, data.settings.disengagement) == [on(66), on(94), on(122)]
    shorter = dataclasses.replace(data, as_of=on(130))
    assert as_of_days(shorter, data.settings.disengagement) == [on(74), on(102)]


# --- a charity drawn in the test ------------------------------------------------------------------


@pytest.fixture
def drawn(workspace):
    """People seen every so often, who leave at random; `workers` hold them in turn."""

    def build(n=60, seed=0, leave=0.006, workers=2, settings=None, end="Lost"):
        dice = np.random.default_rng(seed)
        stays, contacts, held = [], [], []
        for i in range(n):
            name, start = f"e{i}", int(dice.integers(0, 200))
            last = start + int(dice.geometric(leave)) if leave else 900
            client = f"c{i // 2}"
            stays.append(
                stay(name, start, last if last <= 400 else None, end, client_id=client,
                     programme=f"P{i % 2}")
            )  # fmt: skip
            day, step = start, int(dice.integers(3, 15))
            while day < min(last, 400):
                contacts.append(contact(name, day, attended=bool(dice.random() < 0.8)))
                day += 1 + int(dice.poisson(step))
            if workers:
                held.append(
                    {"enrolment_id": name, "caseworker_id": f"W{i % workers}",
                     "start_date": str(on(start))}
                )  # fmt: skip
        tables = {"assignments": held} if workers else {}
        asked = {"entry_lag_days": 0, "dates": 8, "calls_a_week": 2} | (settings or {})
        return workspace(
            enrolments=stays, contacts=contacts, settings={"exits": EXITS, "disengagement": asked},
            as_of=str(on(400)), complete_from=str(on(0)), **tables,
        )  # fmt: skip

    return build


def test_few_people_cannot_tell(drawn):
    made = disengagement.study(drawn(n=20))
    assert made.verdict == "cannot tell"
    assert made.tested.sentence.startswith("Cannot tell: ")
    assert made.model.validation is made.tested


@pytest.mark.parametrize("end", ["Lost", "Done"])
def test_nobody_leaves(drawn, end):
    made = disengagement.study(drawn(n=30, leave=0 if end == "Lost" else 0.02, end=end))
    assert made.verdict == "cannot tell"
    assert made.rows["label"].sum() == 0
    assert (made.model.terms["coefficient"] == 0).all()


def test_one_caseworker_has_one_list_a_day(drawn):
    made = disengagement.study(drawn(workers=1))
    whose, k = lists_of(made.rows, made.asked)
    assert (whose.nunique(), k) == (len(made.tested_on), 2)
    assert made.tested.k == 2 * len(made.tested_on)
    assert made.rows.groupby("as_of_date")["listed_by_model"].sum().eq(2).all()
    assert made.rows.groupby("as_of_date")["listed_by_rule"].sum().eq(2).all()


def test_where_nobody_is_known_to_hold_a_case_a_share_is_called(drawn):
    made = disengagement.study(drawn(workers=0, settings={"list_share": 0.1}))
    _, k = lists_of(made.rows, made.asked)
    there = made.rows["as_of_date"].dt.strftime("%Y-%m-%d").value_counts()
    assert k == {day: max(1, round(0.1 * many)) for day, many in there.items()}
    assert made.tested.k == sum(k.values())


def test_one_as_of_date_is_tested_by_turns(drawn):
    made = disengagement.study(drawn(), as_of_dates=[on(250)])
    assert (made.tested_on, made.learnt_from) == ((), (on(250),))
    assert made.tested.n == len(made.people.rows) == len(made.rows)
    assert made.rows["chance"].between(0, 1).all()
    assert made.verdict == "cannot tell"


def test_dates_that_are_too_close_to_learn_from_are_tested_by_turns(drawn):
    made = disengagement.study(drawn(), as_of_dates=[on(250), on(260)])
    assert made.tested_on == ()
    made = disengagement.study(drawn(), as_of_dates=[on(250), on(278)])
    assert made.tested_on == (on(278),)


def test_what_a_test_day_is_scored_by_was_known_on_that_day(drawn):
    days = [on(day) for day in range(120, 361, 20)]
    whole = disengagement.study(drawn(n=120), as_of_dates=days)
    fewer = disengagement.study(drawn(n=120), as_of_dates=days[:-1])
    both = set(whole.tested_on) & set(fewer.tested_on)
    assert len(both) >= 2
    one, other = (
        each.rows[each.rows["as_of_date"].dt.date.isin(both)].set_index(
            ["as_of_date", "enrolment_id"]
        )["chance"]
        for each in (whole, fewer)
    )
    assert one.equals(other)
    # an outcome of the 28 days before a test day is not learnt from
    data = drawn(n=120)
    first = whole.tested_on[0]
    ends = data.tables.enrolments
    later = (ends.end_date > first).ifelse("Done", ends.exit_reason)
    turned = _with(data, enrolments=ends.mutate(exit_reason=later))
    again = disengagement.study(turned, as_of_dates=days)
    of_first = [
        each.rows.loc[each.rows["as_of_date"].dt.date == first, "chance"] for each in (whole, again)
    ]
    assert np.allclose(*of_first, atol=1e-12)


def test_what_is_known_only_when_somebody_leaves_is_no_attribute(drawn):
    for name in ("exit_reason", "end_date", "end_recorded_at"):
        with pytest.raises(disengagement.LeakageError) as error:
            disengagement.study(drawn(settings={"attributes": [name]}))
        assert str(error.value) == (
            f"disengagement.attributes: {name} is written down when somebody leaves. "
            "Name only what is known at the start."
        )
    with pytest.raises(DataError, match="attributes: client_id points at one person"):
        disengagement.study(drawn(settings={"attributes": ["client_id"]}))
    with pytest.raises(DataError, match="cannot be grouped by 'colour'"):
        disengagement.study(drawn(settings={"attributes": ["colour"]}))


def test_attributes_known_at_the_start_are_learnt_from(drawn):
    made = disengagement.study(drawn(settings={"attributes": ["programme"]}))
    assert "programme" in made.model.terms["feature"].tolist()
    assert made.rows.columns.is_unique


def test_no_error_names_a_person(drawn):
    data = drawn()
    for given in ([on(399)], [date(1999, 1, 1)], []):
        with pytest.raises(DataError) as error:
            disengagement.fit(data, as_of_dates=given)
        assert not any(
            f"{kind}{i}" in str(error.value).split() for kind in "ecW" for i in range(60)
        )


# --- nothing that comes later ---------------------------------------------------------------------


def _with(data, **changed):
    return dataclasses.replace(data, tables=Tables(dict(data.tables.items()) | changed))


@pytest.fixture(scope="module")
def own_snapshots(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def planted(own_snapshots):
    return wb.open("settings/sample.toml", as_of="2025-11-30", scope=wb.EVERYONE)


@pytest.fixture(scope="module")
def learnt(planted):
    return disengagement.study(planted)


@pytest.mark.parametrize("no_contact_days", [0, 45])
def test_records_after_the_last_horizon_change_no_feature_and_no_label(planted, no_contact_days):
    asked = planted.settings.disengagement.model_copy(update={"no_contact_days": no_contact_days})
    days = [date(2025, 3, 1), date(2025, 4, 12)]
    until = pd.Timestamp(days[-1]) + pd.Timedelta(days=28 + no_contact_days)
    tables, cut = planted.tables, ibis.literal(until.date())
    ends, held = tables.enrolments, tables.assignments
    moved = ends.end_date > cut
    done = tables.actions.done_date
    changed = _with(
        planted,
        contacts=tables.contacts.filter(tables.contacts.contact_date <= cut),
        supports=tables.supports.filter(tables.supports.start_date <= cut),
        actions=tables.actions.mutate(done_date=(done > cut).ifelse(ibis.null("date"), done)),
        assignments=held.filter(held.start_date <= cut).mutate(
            end_date=(held.end_date > cut).ifelse(ibis.null("date"), held.end_date)
        ),
        enrolments=ends.mutate(
            end_date=moved.ifelse(cut + ibis.interval(days=1), ends.end_date).cast("date"),
            exit_reason=moved.ifelse("Died", ends.exit_reason),
        ).filter(ends.start_date.isnull() | (ends.start_date <= cut)),
    )
    before, after = cohort(planted, days, asked), cohort(changed, days, asked)
    assert before.rows["label"].sum() >= 5
    pd.testing.assert_frame_equal(before.rows, after.rows)
    pd.testing.assert_frame_equal(before.gone, after.gone)


def test_records_within_the_horizon_change_labels_and_no_feature(planted):
    asked, day = planted.settings.disengagement, date(2025, 3, 1)
    tables, cut = planted.tables, ibis.literal(day)
    ends = tables.enrolments
    changed = _with(
        planted,
        contacts=tables.contacts.filter(tables.contacts.contact_date <= cut),
        enrolments=ends.mutate(
            exit_reason=(ends.end_date > cut).ifelse("Lost contact", ends.exit_reason)
        ),
    )
    before, after = cohort(planted, [day], asked).rows, cohort(changed, [day], asked).rows
    assert after["label"].sum() > before["label"].sum()
    pd.testing.assert_frame_equal(before.drop(columns="label"), after.drop(columns="label"))


def test_nobody_who_had_left_is_learnt_from_or_tested_on(planted, learnt):
    ends = planted.tables.enrolments.select("enrolment_id", "end_date").to_pandas()
    ends = pd.to_datetime(ends.set_index("enrolment_id")["end_date"])
    rows = learnt.people.rows
    assert not (rows["enrolment_id"].map(ends) <= rows["as_of_date"]).any()
    gone = learnt.people.gone
    assert (gone["enrolment_id"].map(ends) <= gone["as_of_date"]).all()
    assert learnt.people.dropped[GONE] == len(gone) > 100


# --- the synthetic charity ------------------------------------------------------------------------


def test_the_planted_driver_is_the_first_reason_of_most_at_highest_risk(learnt):
    rows, model = learnt.people.rows, learnt.model
    parts = model.contributions(rows)
    subjects = [words.disengagement.subject(name) for name in parts]
    parts = parts.T.groupby(subjects).sum().T
    first = model.scores(rows).sort_values(ascending=False).index[: len(rows) // 20]
    assert parts.loc[first].mean().idxmax() == "gap"
    assert (parts.loc[first].idxmax(axis=1) == "gap").mean() > 0.5
    left = rows["label"] == 1
    assert (parts[left].mean() - parts[~left].mean()).idxmax() == "gap"
    said = model.reasons(rows.loc[first])
    assert (
        said["reason_1"].str.match(r"no kept appointment for \d+ days; usually seen").mean() > 0.5
    )
    assert said["reason_1"].ne("").all()


def test_the_chance_of_leaving_rises_with_the_gap_as_planted(learnt):
    row = learnt.people.rows.median(numeric_only=True).to_frame().T
    row = row.assign(usual_gap=4.0)
    chance = [
        learnt.model.scores(
            row.assign(days_since_contact=float(days), gap_in_usual_gaps=days / 4.0)
        ).iloc[0]
        for days in (1, 4, 10, 16, 28)
    ]
    assert chance == sorted(chance)
    assert chance[-1] > 4 * chance[0]


def test_the_sample_is_learnt_from_earlier_days_and_tested_on_later_ones(learnt):
    assert len(learnt.tested_on) == 8 and len(learnt.learnt_from) == 18
    assert max(learnt.learnt_from) < min(learnt.tested_on)
    assert learnt.model.about["tested_on"] == [str(day) for day in learnt.tested_on]
    assert 100 <= learnt.tested.training_events <= learnt.model.training_events
    assert learnt.tested.table["ranking"].tolist() == ["rule", "model", "boosted trees"]
    table = learnt.tested.table.set_index("ranking")
    assert table.loc["model", "auc"] > table.loc["rule", "auc"] + 0.05
    assert learnt.verdict in ("use the model", "use the rule")
    assert (learnt.verdict == "use the model") == (learnt.tested.extra_interval[0] > 0)


def test_features_from_a_week_ago_still_tell(learnt):
    ages = learnt.ages.set_index("feature")
    assert ages.loc["gap_in_usual_gaps", "now"] > 0.6
    assert ages.index.is_unique and "days_since_contact" in ages.index


def test_the_same_records_give_the_same_model(planted, learnt):
    again = disengagement.fit(planted)
    assert again == learnt.model
    assert again.validation.table.equals(learnt.tested.table)
    mixed = planted.tables.contacts.order_by(ibis.desc("contact_date"))
    assert disengagement.fit(_with(planted, contacts=mixed)) == learnt.model


def test_without_effects_the_model_is_not_used(own_snapshots, tmp_path):
    sample.write(tmp_path, effects=False)
    data = wb.open("settings/sample.toml", as_of="2025-11-30", source=tmp_path, scope=wb.EVERYONE)
    made = disengagement.study(data)
    assert made.verdict in ("use the rule", "cannot tell")
    assert made.tested.table.set_index("ranking").loc["model", "auc_lower"] < 0.5


def test_no_feature_points_at_a_person(planted):
    rows, features = with_features(planted, [date(2025, 3, 1)], planted.settings.disengagement)
    assert not set(features) & {"client_id", "enrolment_id", "caseworker_id", "gone", "no_contact"}
    assert set(features) <= set(rows)
