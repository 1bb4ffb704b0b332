import re

import pytest

from workbench.words import journeys

CAUSES = (
    r"lead to|leads to|led to|improve|cause|help|effect|because|due to|\bwork(s|ed)\b|prevent|reduc"
)
JARGON = (
    r"p value|p =|propensity|AIPW|confound|statistically|significan|Newcombe|landmark|hazard|"
    r"censor|Aalen|Kaplan|log-rank|binomial|cluster|Holm|incidence|cohort"
)
FIGURES = {
    "people": (130.0, 180.0),
    "shares": (0.2, 0.45),
    "difference": -0.25,
    "interval": (-0.34, -0.16),
    "weeks": 30,
}
ASKED = ("mental health support", "arrest", 56)
START = (
    "Of about 310 clients who were still with us on day 56 and for whom 'arrest' was not on record "
    "until then, about 130 had started mental health support by that day and about 180 had not. In "
    "about 30 weeks after it, "
)
NOT_WHY = (
    "Those who started early may differ from the others in ways that nobody wrote down, so this "
    "does not say why."
)


@pytest.mark.parametrize(
    ("verdict", "figures", "sentence"),
    [
        (
            "lower",
            FIGURES,
            f"{START}'arrest' was recorded for about 20% of the first and 45% of the second: 25 "
            f"points lower (16 to 34 points). {NOT_WHY}",
        ),
        (
            "higher",
            FIGURES | {"shares": (0.45, 0.2), "difference": 0.25, "interval": (0.16, 0.34)},
            f"{START}'arrest' was recorded for about 45% of the first and 20% of the second: 25 "
            f"points higher (16 to 34 points). {NOT_WHY}",
        ),
        (
            "no clear difference",
            FIGURES | {"shares": (0.4, 0.42), "difference": -0.02, "interval": (-0.12, 0.08)},
            f"{START}'arrest' was recorded for about 40% of the first and 42% of the second: no "
            "clear difference (the first less the second: −12 to +8 points). That is not proof "
            "that there is none.",
        ),
        (
            "lower",
            {"people": (15.0, 100.0), "weeks": 30},
            "Of about 115 clients who were still with us on day 56 and for whom 'arrest' was not "
            "on record until then, about 15 had started mental health support by that day and "
            "about 100 had not. In about 30 weeks after it, 'arrest' was rarer among those who had "
            f"started; the numbers are too small to show percentages. {NOT_WHY}",
        ),
        (
            "no clear difference",
            {"people": (None, 100.0), "weeks": 30},
            "Of clients who were still with us on day 56 and for whom 'arrest' was not on record "
            "until then, some had started mental health support by that day and about 100 had not. "
            "In about 30 weeks after it, there was no clear difference in 'arrest'; the numbers "
            "are too small to show percentages. That is not proof that there is none.",
        ),
        (
            "too few to tell",
            {},
            "Too few to tell whether 'arrest' after day 56 is rarer or more frequent among clients "
            "who had started mental health support by then: fewer than 10 of them, fewer than 10 "
            "others, or 'arrest' on record for fewer than 5 in all.",
        ),
    ],
)
def test_each_verdict_on_timing_has_its_sentence(verdict, figures, sentence):
    assert journeys.timing(verdict, *ASKED, **figures) == sentence


@pytest.mark.parametrize("verdict", journeys.VERDICTS)
def test_each_verdict_has_a_headline(verdict):
    said = journeys.timing_title(verdict, *ASKED)
    assert said.startswith("'arrest'")
    assert said.endswith("mental health support by day 56")


@pytest.mark.parametrize(
    ("verdict", "figures", "sentence"),
    [
        (
            "lower",
            {"per_year": (0.58, 1.4), "ratio": 0.423, "interval": (0.3, 0.59)},
            "Counting 'arrest' each time that it came after day 56: 0.58 a client-year among "
            "those who had started mental health support by then, 1.4 among the others. The first "
            "is 0.42 times the second (0.3 to 0.59): rarer among those who had started. "
            f"{NOT_WHY}",
        ),
        (
            "higher",
            {"ratio": 2.0, "interval": (1.2, 3.4)},
            "Counting 'arrest' each time that it came after day 56, with or without mental health "
            "support by then: more frequent among those who had started; the numbers are too small "
            f"to show. {NOT_WHY}",
        ),
        (
            "no clear difference",
            {"per_year": (1.3, 1.4), "ratio": 0.93, "interval": (0.7, 1.2)},
            "Counting 'arrest' each time that it came after day 56: 1.3 a client-year among "
            "those who had started mental health support by then, 1.4 among the others. The first "
            "is 0.93 times the second (0.7 to 1.2): no clear difference. That is not proof that "
            "there is none.",
        ),
        (
            "too few to tell",
            {},
            "Too few to tell how often 'arrest' came after day 56: fewer than 10 clients, or fewer "
            "than 5 events, in one of the two groups.",
        ),
    ],
)
def test_each_verdict_on_rates_has_its_sentence(verdict, figures, sentence):
    assert journeys.rates(verdict, *ASKED, **figures) == sentence


def test_a_ratio_of_one_is_as_high():
    said = journeys.rates(
        "no clear difference", *ASKED, per_year=(1.0, 1.0), ratio=1.001, interval=(0.6, 1.8)
    )
    assert "The first is about as high as the second (0.6 to 1.8)" in said


def test_further_days_stand_beside_the_answer_and_are_not_picked():
    same = journeys.landmarks(56, {56: "lower", 28: "lower", 84: "lower"})
    assert same == (
        "Day 56 was chosen beforehand and is the answer. Taken on day 28 or 84 instead, the answer "
        "would have been the same."
    )
    other = journeys.landmarks(56, {56: "lower", 28: "no clear difference", 84: "lower"})
    assert other == (
        "Day 56 was chosen beforehand and is the answer. Another day would have given another (day "
        "28: no clear difference), so lean on it less: of 3 looks, one can stand out by chance."
    )
    assert journeys.landmarks(56, {56: "lower"}) == ""


def test_who_is_left_out_is_counted():
    assert journeys.dropped(56, "arrest", 115, None) == (
        "Not in it: about 115 with 'arrest' by day 56, and a few who had left by then or had come "
        "too recently to be seen after it."
    )
    assert journeys.dropped(56, "arrest", 0, 20).startswith("Not in it: nobody with 'arrest'")


def test_what_is_not_possible_is_said_with_what_to_do():
    assert journeys.no_table("supports", "this") == (
        "This export has no supports, so this cannot be told."
    )
    assert journeys.not_named("support", "this") == (
        "The settings name no support whose timing is asked about, so this cannot be told. Set "
        'support = "..." under [journeys].'
    )
    hinted = journeys.not_there("event", "arest", "this", ". Did you mean 'arrest'?")
    assert hinted.endswith("Check its spelling under [journeys]. Did you mean 'arrest'?")
    assert journeys.not_there("event", "arest", "this") == (
        "The records hold no event called 'arest', so this cannot be told. Check its spelling "
        "under [journeys]."
    )
    assert journeys.nobody("this") == (
        "Nobody could be followed for long enough, so this cannot be told."
    )


def test_where_people_are_is_told_with_what_is_hidden():
    shares = {"in contact": 0.53, "completed": 0.15, "left otherwise": None}
    assert journeys.states(540, 26, shares) == (
        "Of about 540 clients, 26 weeks after their start: 53% in contact and 15% completed. Too "
        "few to show: left otherwise."
    )
    assert journeys.states(None, 26, shares) == (
        "Too few clients could be followed for 26 weeks to say where they were."
    )


def test_paths_say_how_much_they_stand_for():
    assert journeys.paths(12, 680, 205, 10) == (
        "The 12 most frequent paths, each taken by 10 clients or more, stand for about 30% of "
        "about 680 clients. The others went ways of their own."
    )
    assert journeys.paths(1, 100, 50, 10).startswith("The most frequent path, taken by 10 clients")
    assert "too small to be shown" in journeys.paths(2, None, None, 10)
    assert journeys.paths(0, 50, 0, 10) == (
        "No path was taken by 10 clients or more, so none is shown."
    )


def test_missed_contacts_say_what_stands_out_and_how_many_looks_were_taken():
    friday = ("On Friday", "more", 0.297, 0.12, (0.11, 0.14))
    early = ("In the hour from 09:00", "fewer", None, None, None)
    other = ("On Monday", "no clear difference", 0.17, 0.0, (-0.01, 0.01))
    assert journeys.missed([friday, other], 5, 8) == (
        "On Friday: 30% of contacts are missed, 12 points more than at other times (11 to 14 "
        "points). Nothing else stands out. 13 comparisons were made (5 days of the week and 8 "
        "hours), and the bar for standing out was raised for that many looks."
    )
    assert journeys.missed([early], 0, 8).startswith(
        "In the hour from 09:00: fewer contacts are missed than at other times."
    )
    assert journeys.missed([other], 5, 0) == (
        "No day or hour stands out. 5 comparisons were made (5 days of the week), and the bar for "
        "standing out was raised for that many looks."
    )
    assert journeys.missed([], 0, 0) == (
        "There are too few contacts on record to compare days or hours."
    )


def everything():
    for verdict in journeys.VERDICTS:
        yield journeys.timing(verdict, *ASKED, **FIGURES)
        yield journeys.timing(verdict, *ASKED, weeks=30)
        yield journeys.timing_title(verdict, *ASKED)
        yield journeys.rates(verdict, *ASKED, ratio=0.5, interval=(0.3, 0.8), per_year=(1, 2))
        yield journeys.landmarks(56, {56: "lower", 28: verdict})
    yield journeys.dropped(56, "arrest", 10, 10)
    yield from (journeys.no_table("a", "b"), journeys.not_named("a", "b"), journeys.nobody("b"))
    yield journeys.not_there("a", "b", "c")
    yield journeys.states(540, 26, {"in contact": 0.5})
    yield journeys.paths(12, 680, 205, 10)
    yield journeys.missed([("On Friday", "more", 0.3, 0.1, (0.05, 0.15))], 5, 8)
    yield from journeys.READ.values()
    yield journeys.NEVER_MISSED


def test_no_sentence_claims_a_cause_or_speaks_jargon():
    for said in everything():
        assert not re.search(CAUSES, said, re.I), said
        assert not re.search(JARGON, said, re.I), said


def test_names_from_the_records_are_never_live():
    said = journeys.timing("lower", "**[x](http://a.test)**", "<b>arrest</b>", 56, **FIGURES)
    assert r"\*\*\[x\](http://a.test)\*\*" in said
    assert r"\<b\>arrest\</b\>" in said
