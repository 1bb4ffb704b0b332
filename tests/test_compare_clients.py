from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import charts
from workbench.analyses import comparison
from workbench.analyses.comparison.gathering import NO_GROUP, NOT_ASKED
from workbench.disclosure import require_protected
from workbench.display import Text
from workbench.errors import DataError
from workbench.statistics import difference_interval

EXACT = {"disclosure": {"profile": "public", "basis": "drawn in a test"}}
ASKED = {
    "outcomes": {"success": ["home"], "horizon_days": 90},
    "comparison": {"landmark_days": 28},
    "attributes": {"need_score": {"case_mix": True, "table": "clients"}},
}
START = pd.Timestamp("2025-01-01")


def day(number):
    return (START + pd.Timedelta(days=number)).date().isoformat()


def stay(number, start=0, end=None, **more):
    return {
        "enrolment_id": f"E{number}",
        "client_id": f"C{number}",
        "referral_date": day(start),
        "start_date": day(start),
        "end_date": None if end is None else day(end),
        "exit_reason": None if end is None else "Left",
        **more,
    }


def result(number, status, on=60, outcome="home"):
    return {
        "enrolment_id": f"E{number}",
        "outcome": outcome,
        "outcome_date": day(on),
        "status": status,
    }


def charity(workspace, profile=EXACT, **more):
    """400 clients; the first 200 had advice on day 10. 140 of them got a home, 100 of the others.

    Women are the even numbers, North holds every third; need 1 to 3 in turn.
    """
    count = range(400)
    got_home = {n for n in count if n % 200 < (140 if n < 200 else 100)}
    tables = {
        "enrolments": [stay(n, programme="A" if n % 2 else "B") for n in count],
        "clients": [
            {"client_id": f"C{n}", "gender": "Man" if n % 2 else "Woman", "need_score": n % 3 + 1}
            for n in count
        ],
        "supports": [
            {"enrolment_id": f"E{n}", "support": "advice", "start_date": day(10)}
            for n in range(200)
        ],
        "outcomes": [result(n, "achieved" if n in got_home else "not achieved") for n in count],
        "assignments": [
            {"enrolment_id": f"E{n}", "caseworker_id": f"W{n % 6}", "start_date": day(0)}
            for n in count
        ],
        "staff": [
            {"caseworker_id": f"W{n}", "team": "South" if n % 3 else "North"} for n in range(6)
        ],
        "changes": [{"change_date": "2025-01-20", "description": "Text reminders"}],
    }
    tables |= more
    tables["clients"] = pd.DataFrame(tables["clients"]).astype({"need_score": "str"})
    return workspace(settings=ASKED | profile, **tables)


def advice(data, **more):
    return comparison.compare_clients(data, group="received advice", **more)


# --- which clients, which groups ----------------------------------------------------------------


def test_a_support_counts_by_the_landmark_day_and_outcomes_after_it(workspace):
    data = charity(
        workspace,
        enrolments=[stay(n, end=28 if n == 5 else None) for n in range(40)],
        clients=[{"client_id": f"C{n}", "need_score": 1} for n in range(40)],
        supports=[
            {"enrolment_id": f"E{n}", "support": "advice", "start_date": day(28 if n < 15 else 29)}
            for n in range(30)
        ],
        outcomes=[
            result(n, "achieved", on={6: 28, 7: 29, 8: 90, 9: 91}.get(n, 60)) for n in range(40)
        ],
    )
    found = advice(data)
    assert found.comparison.n == (13, 25)  # day 28 is by day 28, 29 is not
    assert found.comparison.successes == (12, 25)  # day 91 is after the horizon of 90 days
    dropped = {reason: n for reason, n in found.dropped.items() if n}
    assert dropped == {"had left by then": 1, "had reached the outcome by then": 1}
    assert advice(data, landmark_days=29).comparison.n == (27, 10)
    later = comparison.compare_clients(data, group="received advice by day 29")
    assert later.comparison.n == (27, 10)


def test_everything_asked_is_answered_in_released_numbers(workspace):
    found = advice(charity(workspace, profile={}), case_mix=())
    assert found.verdict == "higher"
    assert found.asked == (
        "Is 'home' more or less frequent for clients who had received advice by day 28 than for "
        "clients who had not?"
    )
    assert found.sentence == (
        "'home' is recorded for 70% of about 200 clients who had received advice by day 28, and "
        "for 50% of about 200 clients who had not. That is 20 points higher, probably 10 to 29 "
        "points higher. The groups may differ in other ways: this is not adjusted."
    )


def test_an_attribute_is_set_against_every_other_recorded_value(workspace):
    clients = [
        {"client_id": f"C{n}", "gender": [None, "Woman", "Man", "Other"][n % 4], "need_score": 1}
        for n in range(400)
    ]
    data = charity(workspace, clients=clients)
    found = comparison.compare_clients(data, group="Gender:  woman", case_mix=())
    assert found.question.text == "gender: Woman"
    assert found.comparison.n == (100, 200)
    assert found.dropped[NO_GROUP] == 100
    both = comparison.compare_clients(data, group="gender: Woman or Other against man")
    assert both.comparison.n == (200, 100)
    assert both.question.text == "gender: Woman or Other against Man"


def test_a_value_may_hold_an_or_of_its_own(workspace):
    names = ["White", "Black or Black British", "Asian"]
    clients = [
        {"client_id": f"C{n}", "ethnicity": names[n % 3], "need_score": 1} for n in range(400)
    ]
    data = charity(workspace, clients=clients)
    parse = comparison.Question.parse
    assert parse("ethnicity: Black or Black British", data).values == (names[1],)
    several = parse("ethnicity: black or black british or Asian against White", data)
    assert (several.values, several.others) == ((names[1], "Asian"), ("White",))


def test_before_and_after_a_logged_change(workspace):
    rows = [stay(n, start=0 if n < 150 else 19 if n < 300 else 25) for n in range(400)]
    data = charity(workspace, enrolments=rows)
    by_day, by_name = (
        comparison.compare_clients(data, group=f"started after {when}")
        for when in ("2025-01-20", "text reminders")
    )
    assert by_day.comparison.n == by_name.comparison.n == (250, 150)
    assert by_name.question.groups == ("started from 20 January 2025 on", "started before")
    assert "Logged on that day: Text reminders." in by_day.asked


def test_first_contact_is_the_first_kept_one(workspace):
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day(on), "attended": kept}
        for n in range(400)
        for on, kept in (((3, False), (9, True)) if n < 100 else ((7 if n < 300 else 8, True),))
    ]
    found = comparison.compare_clients(
        charity(workspace, contacts=contacts), group="first contact within 7 days"
    )
    assert found.comparison.n == (200, 200)
    assert found.question.groups[0] == "seen within 7 days"


def test_a_client_counts_once(workspace):
    again = stay(999, start=5) | {"client_id": "C0"}
    data = charity(workspace)
    more = charity(
        workspace, enrolments=[stay(n, programme="A" if n % 2 else "B") for n in range(400)]
        + [again],
    )  # fmt: skip
    assert advice(more).comparison.n == advice(data).comparison.n
    assert advice(more).dropped["a further enrolment of a client who is counted"] == 1


@pytest.mark.parametrize(
    "who", ["programme: A", {"programme": "A"}, " Programme: a ", {"gender": "Man"}]
)
def test_some_clients_only(workspace, who):
    found = advice(charity(workspace), who=who, case_mix=())
    assert found.comparison.n == (100, 100)
    assert found.dropped[NOT_ASKED] == 200
    assert found.sentence.startswith("Among clients whose ")


def test_a_workers_own_clients_are_asked_about_without_saying_whose(workspace):
    found = advice(charity(workspace), who="caseworker: W3")
    assert found.comparison.n == (33, 34)
    assert found.verdict == "too few to tell"
    assert "W3" not in found.sentence + found.asked + " ".join(found.notes)
    assert found.sentence.startswith("Among the clients of one caseworker: ")


def test_too_few_among_some_clients_adds_everyone(workspace):
    found = advice(charity(workspace, profile={}), who="caseworker: W3", case_mix=())
    assert found.wider is not None
    assert found.wider.verdict == "higher"
    assert found.sentence == (
        "Among the clients of one caseworker: 'home' is recorded for about 25 of 35 clients who "
        "had received advice by day 28, and for about 15 of 35 clients who had not. Too few among "
        "these clients. Across about 400 similar clients: 'home' is recorded for 70% of about 200 "
        "clients who had received advice by day 28, and for 50% of about 200 clients who had not. "
        "That is 20 points higher, probably 10 to 29 points higher. "
        "The groups may differ in other ways: this is not adjusted."
    )
    assert advice(charity(workspace)).wider is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"group": "received advise"}, "there is no support 'advise'. Did you mean 'advice'?"),
        ({"group": "gendr: Man"}, "cannot be told apart by 'gendr'. Did you mean 'gender'?"),
        ({"group": "gender: Woma"}, "there is no gender 'Woma'. Did you mean 'Woman'?"),
        ({"group": "gender: Man against Man"}, "'Man' is on both sides"),
        ({"group": "recieved advice"}, "no question. Did you mean 'received advice'?"),
        ({"group": "started after spring"}, "no day such as 2024-09-02 and no logged change"),
        ({"group": "received advice", "who": "team: Nort"}, "no team 'Nort'. Did you mean 'North'"),
        ({"group": "received advice", "who": "town: A"}, "cannot be told apart by 'town'"),
        ({"group": "received advice", "who": "caseworker: W9"}, "there is no caseworker 'W9'. Ch"),
        ({"group": "received advice", "outcome": "hom"}, "no outcome 'hom'. Did you mean 'home'?"),
        ({"group": "received advice", "case_mix": ["need"]}, "cannot be grouped by 'need'"),
        ({"group": "received advice", "landmark_days": 90}, "outcomes count after day 90"),
        ({"group": "received advice", "landmark_days": -1}, "-1 is before the start"),
    ],
)
def test_names_that_there_are_not_are_refused_with_the_nearest(workspace, asked, said):
    with pytest.raises(DataError) as refused:
        comparison.compare_clients(charity(workspace), **asked)
    assert said in str(refused.value)


def test_a_question_without_its_table_says_which(workspace):
    data = workspace(
        enrolments=[stay(1), stay(2)], settings=ASKED, outcomes=[result(1, "achieved")]
    )
    with pytest.raises(DataError, match="supports: this export has no such table"):
        advice(data)


# --- outcomes -----------------------------------------------------------------------------------


def test_an_outcome_only_recorded_when_it_happens_did_not_happen_elsewhere(workspace):
    arrests = [result(n, "achieved", outcome="arrest") for n in range(300) if n % 5 == 0]
    data = charity(workspace, outcomes=[result(1, "not achieved"), *arrests])
    found = advice(data, outcome="arrest", case_mix=())
    assert found.happens
    assert found.comparison.known == (200, 200)
    assert found.comparison.successes == (40, 20)
    assert found.notes[0].startswith("The outcome is only ever written down when it happens")


def test_one_other_status_makes_what_is_not_written_not_known(workspace):
    arrests = [result(n, "achieved", outcome="arrest") for n in range(300) if n % 5 == 0]
    arrests.append(result(1, "not achieved", outcome="arrest"))
    found = advice(charity(workspace, outcomes=arrests), outcome="arrest")
    assert not found.happens
    assert found.comparison.known == (41, 20)
    assert found.verdict == "too much not known"


def test_not_known_is_not_failure(workspace):
    rows = [result(n, "not known" if n % 10 == 0 else "achieved") for n in range(400)]
    found = advice(charity(workspace, outcomes=rows), case_mix=())
    assert found.comparison.known == (180, 180)
    table = comparison.answer_table(found)
    assert table["share"].tolist() == [1, 1]
    assert table["share_of_all"].tolist() == [0.9, 0.9]
    assert table["share_not_known"].tolist() == [0.1, 0.1]


# --- adjusted -----------------------------------------------------------------------------------


def test_case_mix_is_what_settings_say_without_what_forms_the_groups(workspace):
    data = charity(workspace)
    assert advice(data).comparison.adjusted_for == ("need_score",)
    assert "Between people alike in need score it is" in advice(data).sentence
    by_need = comparison.compare_clients(data, group="need_score: 1")
    assert by_need.comparison.adjusted_difference is None
    assert by_need.comparison.balance.empty


def test_workers_who_choose_are_clusters_and_attributes_are_not_chosen(workspace):
    data = charity(workspace)
    workers = "The range allows for differences between workers."
    assert workers in advice(data).notes
    assert workers not in comparison.compare_clients(data, group="gender: Man").notes


def test_how_workers_differ_is_no_matter_among_the_clients_of_one(workspace):
    data = charity(workspace)
    one, team = (
        replace(data, scope=replace(data.scope, caseworkers=frozenset(workers), ever=True))
        for workers in ("A", "AB")
    )
    workers = "The range allows for differences between workers."
    assert workers in advice(team).notes
    found = advice(one)
    assert workers not in found.notes
    (s1, s0), (n1, n0) = found.comparison.successes, found.comparison.known
    assert found.comparison.interval == pytest.approx(difference_interval((s1, n1), (s0, n0)))


# --- what is published --------------------------------------------------------------------------


def test_every_table_is_protected_and_holds_no_person(workspace):
    data = charity(workspace, profile={})
    found = advice(data)
    tables = [
        comparison.answer_table(found), comparison.difference_table(found, data),
        comparison.balance_table(found, data), comparison.dropped_table(found, data),
        comparison.compare_each(data, "programme", "received advice"),
        comparison.compare_values(data, "gender"),
    ]  # fmt: skip
    for table in tables:
        require_protected(table)
        assert table.attrs["disclosure"] == "rounded7"
        text = table.to_csv()
        assert not any(f"{kind}{n}," in text for kind in "ECW" for n in range(400))


def test_sentence_and_tables_follow_from_released_numbers_alone(workspace):
    """Two results more or less, which rounding hides, change nothing that is published."""
    rows = [result(n, "achieved" if n % 2 or n == 0 else "not achieved") for n in range(400)]
    other = [result(n, "achieved" if n % 2 else "not achieved") for n in range(400)]
    data = [charity(workspace, profile={}, outcomes=each) for each in (rows, other)]
    found = [advice(each, case_mix=()) for each in data]
    assert found[0].comparison.successes != found[1].comparison.successes
    assert found[0].sentence == found[1].sentence
    pd.testing.assert_frame_equal(*map(comparison.answer_table, found))
    apart = map(comparison.difference_table, found, data)
    pd.testing.assert_frame_equal(*apart)


def test_a_verdict_that_does_not_stand_in_released_numbers_is_not_published(workspace):
    """137 and 118 of 200 differ; as 135 and 120, which is what is shown, they may not."""
    home = [n % 200 < (137 if n < 200 else 118) for n in range(400)]
    rows = [result(n, "achieved" if home[n] else "not achieved") for n in range(400)]
    found = advice(charity(workspace, profile={}, outcomes=rows), case_mix=())
    assert found.comparison.verdict == "higher"
    assert found.verdict == "no clear difference"
    assert "it may be anything from 1.9 points lower to" in found.sentence


def test_a_hidden_count_is_never_told(workspace):
    rows = [result(n, "achieved" if n in (1, 2, 300) else "not achieved") for n in range(400)]
    data = charity(workspace, profile={}, outcomes=rows)
    found = advice(data, case_mix=())
    assert found.verdict == "too few to tell"
    assert found.sentence == "Too few to tell: a number behind it is too small to be shown."
    table = comparison.answer_table(found)
    assert table[["recorded", "share", "lower", "upper"]].isna().all(axis=None)
    differences = comparison.difference_table(found, data)
    assert differences["counted"].tolist() == ["as counted"]
    assert differences[["difference", "lower", "upper"]].isna().all(axis=None)


def test_nothing_is_said_of_what_a_few_people_were_like(workspace):
    few = [{"enrolment_id": f"E{n}", "support": "advice", "start_date": day(9)} for n in range(12)]
    data = charity(workspace, profile={}, supports=few)
    found = advice(data)
    assert found.comparison.balance["before"].notna().all()
    assert comparison.balance_table(found, data)["before"].isna().all()


def test_too_much_not_known_shows_how_far_that_could_move_the_difference(workspace):
    rows = [result(n, "not known" if n % 5 == 0 else "achieved") for n in range(400)]
    data = charity(workspace, outcomes=rows)
    found = comparison.difference_table(advice(data), data)
    assert found["counted"].tolist() == ["whatever the missing ones are"]
    np.testing.assert_allclose(found[["lower", "upper"]].to_numpy(float), [[-0.2, 0.2]])
    assert found["difference"].isna().all()


def test_one_hidden_cell_takes_the_other_groups_with_it(workspace):
    rows = [result(n, "achieved" if n < 3 or n >= 250 else "not achieved") for n in range(400)]
    table = comparison.answer_table(advice(charity(workspace, profile={}, outcomes=rows)))
    assert table["recorded"].isna().all()


# --- several at once ----------------------------------------------------------------------------


def test_each_programme_is_asked_the_same(workspace):
    data = charity(workspace)
    found = comparison.compare_each(data, "programme", "received advice", case_mix=())
    assert found["programme"].tolist() == ["A", "B"]
    assert found[["people", "recorded"]].to_numpy().tolist() == [[100, 70], [100, 70]]
    assert found[["other_people", "other_recorded"]].to_numpy().tolist() == [[100, 50]] * 2
    assert found["comparisons"].tolist() == [2, 2]
    assert found["reading"].tolist() == ["higher", "higher"]
    np.testing.assert_allclose(found["difference"].astype(float), 0.2)


def test_a_difference_has_to_stand_after_correction_for_the_number_of_questions(workspace):
    """One of ten programmes differs just so: alone it would count, among ten it does not."""
    programme = {n: f"P{n % 10}" for n in range(4000)}
    rows = [stay(n, programme=programme[n]) for n in range(4000)]
    better = [n for n in range(4000) if programme[n] == "P3" and n % 20 < 10]
    achieved = {n for n in range(4000) if (n // 20) % 100 < (57 if n in better else 50)}
    supports = [
        {"enrolment_id": f"E{n}", "support": "advice", "start_date": day(1)}
        for n in range(4000)
        if n % 20 < 10
    ]
    data = charity(
        workspace,
        enrolments=rows,
        clients=[{"client_id": f"C{n}", "need_score": 1} for n in range(4000)],
        supports=supports,
        outcomes=[result(n, "achieved" if n in achieved else "not achieved") for n in range(4000)],
        assignments=[],
    )
    only = comparison.compare_clients(data, "programme: P3", "received advice", case_mix=())
    gap = only.comparison.difference
    assert gap == pytest.approx(0.07)
    found = comparison.compare_each(data, "programme", "received advice", case_mix=())
    assert found["comparisons"].tolist() == [10] * 10
    assert set(found["reading"]) == {"no clear difference"}


def test_every_value_of_an_attribute_is_set_against_the_others(workspace):
    data = charity(workspace)
    found = comparison.compare_values(data, "need_score")
    assert found["need_score"].tolist() == ["1", "2", "3"]
    assert (found["people"] + found["other_people"]).tolist() == [400] * 3
    assert comparison.compare_values(data, "gender")["gender"].tolist() == ["Man"]


def test_what_clients_are_not_told_apart_by_is_refused(workspace):
    data = charity(workspace)
    for by in ("caseworker_id", "progamme"):
        with pytest.raises(DataError, match="clients cannot be told apart by"):
            comparison.compare_each(data, by, "received advice")
    with pytest.raises(DataError, match="is what the groups are made of"):
        comparison.compare_each(data, "gender", "gender: Man")


# --- what can be asked --------------------------------------------------------------------------


def test_questions_can_be_asked_as_they_are_listed(workspace):
    data = charity(workspace)
    found = comparison.questions(data)
    asked = found.loc[found["part"] == "group", "question"].tolist()
    assert asked == [
        "received advice", "programme: A", "programme: B", "gender: Man", "gender: Woman",
        "need_score: 1", "need_score: 2", "need_score: 3", "team: North", "team: South",
        "started after 2025-01-20",
    ]  # fmt: skip
    for text in asked:
        assert comparison.Question.parse(text, data).text == text
    assert found.loc[found["part"] == "outcome", "question"].tolist() == ["home"]
    assert not found["question"].str.contains("W0").any()


def test_a_page_asks_what_settings_ask_about(workspace):
    data = charity(workspace)
    assert comparison.to_ask(data) == comparison.Asked("received advice", "", "programme")
    given = comparison.to_ask(data, group="programme: A")
    assert (given.group, given.by) == ("programme: A", "gender")


def test_a_page_without_anything_to_ask_says_so(workspace):
    nothing = workspace(enrolments=[stay(1)], settings=ASKED)
    assert "hold no outcomes" in comparison.to_ask(nothing).why_not
    alike = workspace(enrolments=[stay(1)], settings=ASKED, outcomes=[result(1, "achieved")])
    assert "no two groups to compare" in comparison.to_ask(alike).why_not


def test_nobody_to_compare_is_too_few(workspace):
    data = charity(workspace, as_of="2025-02-01")
    found = advice(data)
    assert found.verdict == "too few to tell"
    assert found.comparison.n == (0, 0)
    assert comparison.compare_each(data, "programme", "received advice").empty


def test_the_other_half_of_the_story_is_asked_of_people(workspace):
    asked = comparison.other_half(advice(charity(workspace)))
    assert len(asked) == 4
    assert all(each.endswith("?") for each in asked)


# --- drawn --------------------------------------------------------------------------------------


def test_how_alike_the_groups_are_is_drawn_and_described(workspace):
    data = charity(workspace)
    table = comparison.balance_table(advice(data), data)
    assert table["covariate"].tolist() == ["need score: 1", "need score: 2", "need score: 3"]
    drawn = charts.balance(table, "How alike")
    assert "0 further apart than 0.1 after weighing" in drawn.to_dict()["description"]
    assert isinstance(charts.balance(table.iloc[:0], "How alike"), Text)
    with pytest.raises(DataError, match="published table"):
        charts.balance(pd.DataFrame(table), "How alike")


# --- the sample ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample():
    settings = Path(__file__).parents[1] / "settings" / "sample.toml"
    return wb.open(settings, as_of="2025-11-30", scope=wb.EVERYONE)


def test_fewer_arrests_with_early_support_are_found_in_the_sample(sample):
    found = comparison.compare_clients(
        sample, group="received mental health support", outcome="arrest"
    )
    assert found.verdict == "lower"
    assert found.comparison.adjusted_for == ("need_score", "housing_at_intake")
    assert found.comparison.adjusted_difference == pytest.approx(-0.18, abs=0.03)


def test_nothing_is_found_where_nothing_was_planted(sample):
    found = comparison.compare_clients(sample, group="received mental health support")
    assert found.verdict == "no clear difference"
    each = comparison.compare_each(sample, "programme", "received residential support")
    assert not set(each["reading"]) & {"higher", "lower"}


def test_no_name_and_no_id_is_in_anything_said_of_the_sample(sample):
    found = comparison.compare_clients(
        sample, who="caseworker: W03", group="received mental health support", outcome="arrest"
    )
    said = " ".join([found.sentence, found.asked, *found.notes])
    ids = sample.tables.clients.client_id.to_pandas()
    assert not any(each in said for each in [*ids, "W03"])


def test_parts_that_cannot_be_told_apart_are_counted_and_not_listed():
    table = pd.DataFrame(
        {
            "programme": ["A", "B"],
            "reading": ["too few to tell", "higher"],
            "comparisons": [1, 1],
        }
    )
    assert comparison.told_apart(table)["programme"].tolist() == ["B"]
    assert comparison.how_many(table) == (
        "One comparison could be made. Of 2 parts, 1 has too few clients to tell, or to be shown."
    )
    assert comparison.how_many(table.iloc[:1]) == (
        "The one part has too few clients to tell, or to be shown."
    )
    assert comparison.how_many(table.iloc[:0]) == "No comparison could be made."


def test_how_alike_the_groups_are_does_not_give_back_a_few_people(workspace):
    def shown(few):
        kinds = dict.fromkeys([*range(few), *range(200, 218 - few)], "rare")
        clients = [
            {"client_id": f"C{n}", "gender": "Man", "need_score": kinds.get(n, "usual")}
            for n in range(400)
        ]
        data = charity(workspace, profile={}, clients=clients)
        return comparison.balance_table(advice(data), data).set_index("covariate")

    table = shown(3)
    assert table["before"].isna().all() and table["after"].isna().all()
    assert (table["note"] == "[c]").all()
    assert shown(9)["before"].notna().all()
    seen = {tuple(shown(few)["before"]) for few in (8, 9, 10)}
    assert len(seen) == 1  # worked out from released counts: nobody can tell which it was
