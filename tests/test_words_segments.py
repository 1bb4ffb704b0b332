"""What is said of segments: whole sentences, and no claim that a segment is why."""

from datetime import date

import pytest

from workbench.words import reading_segments as reading
from workbench.words import segments as said


def test_rules_in_words():
    assert said.rules(
        {"housing_at_intake": ["street", "hostel"]}, {"age": 16, "rooms": 2}, {"age": 24}, ["debt"]
    ) == ("housing at intake: street or hostel; age 16 to 24; rooms 2 or more; needs: debt")
    assert said.rules({}, {}, {"age": 24}, ["debt", "health"]) == (
        "age up to 24; needs: debt or health"
    )


def test_who_is_counted():
    assert said.counted_in(8, 695, about=True).startswith("About 695 clients started")
    assert said.counted_in(8, 54, about=False).startswith("54 clients started")
    assert said.counted_in(8, None, about=True).startswith("A few clients started")


def test_meant_for_against_the_plan():
    told = said.meant_for(["a", "b"], 0.35, (0.31, 0.38), 695, 0.5, about=True)
    assert told == (
        "Of every 100 clients, 35 are of the segments that the service is meant for (a and b): "
        "35% of about 695 clients, probably 31% to 38%. That is fewer than the 50% planned."
    )
    assert "not clearly other than the 36%" in said.meant_for(
        ["a"], 0.35, (0.31, 0.38), 695, 0.36, about=False
    )
    assert "more than the 20%" in said.meant_for(["a"], 0.35, (0.31, 0.38), 695, 0.2, about=False)
    assert said.meant_for(["a"], 0.35, (0.31, 0.38), 695, None, about=False).endswith("38%.")


def test_population_and_reach():
    assert said.population("2025", "a register", 12, 0, about=True) == (
        "Population figures of 2025, from a register. Reached: with us on some day of the 12 "
        "months before the as-of date."
    )
    assert said.population("", "", 6, 15, about=True).endswith(
        "In none of these groups: about 15 clients."
    )
    assert said.population("", "", 6, None, about=True).endswith("groups: a few clients.")
    assert said.reach("South", 0.05, 36, said.UNDER_REACHED) == (
        "Of every 100 people in South, 5 were reached: under-reached, at 36 where the whole is 100."
    )
    assert "more than elsewhere" in said.reach("North", 0.2, 150, said.REACHED_MORE)
    assert said.reach("West", 0.001, 90, said.NO_DIFFERENCE) == (
        "Of every 100 people in West, fewer than 1 were reached."
    )


def test_a_score_says_how_many_were_not_scored():
    told = said.score("great need", 0.55, (0.51, 0.59), 695, None, 0.6, said.BELOW, about=True)
    assert told == (
        "By the scorecard, 55% of about 695 clients can be expected to be in great need, probably "
        "51% to 59%. That is below the target of 60%. Not scored, as an answer is missing: a few."
    )
    assert said.points(5, 9) == "5 to 9 points"
    assert said.points(1, 1) == "1 point"


@pytest.mark.parametrize(
    ("higher", "lower", "others", "told"),
    [
        ([], [], {}, said.NOBODY_JUDGED),
        (
            [],
            [],
            {said.NO_DIFFERENCE: 3},
            "No segment came out clearly better or worse than all the rest. This is adjusted for "
            "nothing.",
        ),
        (
            ["young"],
            ["old", "others"],
            {said.TOO_FEW: 1},
            "The outcome was reached more often than among all the rest: *young*. It was reached "
            "less often than among all the rest: *old* and those whom no segment fits. "
            "Otherwise: too few to tell (1). This is adjusted for nothing.",
        ),
        (
            [],
            [],
            {said.MUCH_NOT_KNOWN: 2},
            "Of no segment can it be said that it came out better or worse than the rest. "
            "Readings: too much is not known (2). This is adjusted for nothing.",
        ),
    ],
)
def test_for_whom_it_works(higher, lower, others, told):
    assert said.working(higher, lower, others) == told


def test_found_segments():
    assert said.numbered(2) == "Segment 2"
    assert said.trait("housing_at_intake", "street") == "housing at intake: street"
    assert said.trait("age", "") == "age (mean)"
    assert said.made_of(["age", "need_score"], {"rooms": "it is the same for everyone"}) == (
        "Looked at: age and need score. Left out: rooms (it is the same for everyone)."
    )
    assert said.made_of([], {}) == "Looked at: nothing."
    day = date(2025, 10, 31)
    assert said.since(day, "Segment 1 was there.", few=True) == (
        "Set against what was known on 31 October 2025: segment 1 was there. A few changed segment."
    )
    assert said.none_before(day).startswith("On 31 October 2025 there were no clear segments")


def test_names_from_the_records_are_not_live():
    assert r"\*\*x\*\*" in said.meant_for(["**x**"], 0.3, (0.2, 0.4), 100, None, about=False)
    assert r"\<b\>" in said.reach("<b>", 0.3, 100, said.NO_DIFFERENCE)


def test_what_must_not_be_done():
    told = reading.not_to_be_done()
    assert told.count("\n- ") == len(reading.NOT_TO_BE_DONE) - 1
    for word in ("Sanction nobody", "Refuse nobody", "Rank no staff", "one person", "a cause"):
        assert word in told


def test_every_text_beneath_a_table_says_how_to_read_it():
    for name, text in reading.READ.items():
        assert "**How to read it.**" in text or "**For those who" in text, name
    for name in ("declared", "sizes", "reach", "score", "working", "found"):
        assert "**What to do about it.**" in reading.READ[name], name
    for name in ("sizes", "reach", "score", "working", "found", "not found"):
        assert "**What it cannot tell you.**" in reading.READ[name], name


def test_no_sentence_claims_a_cause():
    texts = [*reading.READ.values(), said.ADJUSTED_FOR_NOTHING, *reading.NOT_TO_BE_DONE]
    for text in texts:
        for word in ("causes", "leads to", "thanks to", "due to", "effect of"):
            assert word not in text
