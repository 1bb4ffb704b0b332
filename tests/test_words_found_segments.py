import re

import pytest

from workbench.words import found_segments as say

FORBIDDEN = re.compile(
    r"\b(cluster|clusters|mixture|posterior|likelihood|p value|significant|bootstrap|null|copula|"
    r"because of|leads|causes|effect|deserve|undeserving|bad)\b",
    re.I,
)


@pytest.mark.parametrize(
    ("agreement", "how"), [(0.97, "almost exactly"), (0.88, "nearly"), (0.76, "largely")]
)
def test_segments_are_told_with_how_surely_they_came_again(agreement, how):
    assert say.found(4, 1234, agreement) == (
        "Among 1,234 people there are 4 clear segments. Looked for in one half of the people and "
        f"in the other, they were {how} the same."
    )


def test_the_number_of_people_can_be_kept_back():
    assert say.found(2, None, 0.9).startswith("Among these people there are 2 clear segments.")


def test_no_segments_is_an_answer_with_a_reason():
    begins = "There are no clear segments in these data. "
    assert say.not_found("too few people", 50) == (
        f"{begins}There are too few people to tell: segments need at least 50."
    )
    assert say.not_found("too few columns") == (
        f"{begins}Fewer than two columns can be used, and people can only be alike in several "
        "things together."
    )
    assert say.not_found("not stable") == (
        f"{begins}Looked for in one half of the people and in the other, the segments were not the "
        "same."
    )
    assert say.not_found("no more than expected") == (
        f"{begins}What there is, is no clearer than in data without segments: traits shade into "
        "one another."
    )
    assert say.not_found("too small") == (
        f"{begins}Those that could be told apart are too small to speak of."
    )


@pytest.mark.parametrize("reason", say.LEFT_OUT)
def test_each_reason_to_leave_a_column_out_fits_behind_its_name(reason):
    said = say.left_out(reason, different=1500, other="age_band")
    assert said[0].islower() and "{" not in said and not said.endswith(".")
    assert ("1,500" in said) == (reason == "too many values")
    assert ("age band" in said) == (reason == "the same as another")


def test_numbers_are_told_as_low_or_high_with_what_is_typical():
    assert say.number_trait("age", 57.8, 41.2, 1.2) == "older (about 58, everyone about 41)"
    assert say.number_trait("Age at start", 22, 41, -1) == "younger (about 22, everyone about 41)"
    assert say.number_trait("contacts_per_week", 0.84, 2.13, -0.9) == (
        "few contacts per week (about 0.8, everyone about 2.1)"
    )
    assert say.number_trait("needs", 5, 2, 1) == "many needs (about 5, everyone about 2)"
    assert say.number_trait("debt", 1234.5, 400, 1) == (
        "high debt (about 1,234, everyone about 400)"
    )
    assert say.number_trait("wage", 3, 4, -1).startswith("low wage")
    assert say.number_trait("change", -0.04, 2, -1) == "low change (about 0, everyone about 2)"


def test_values_are_told_as_mostly_or_more_often_and_nothing_in_them_is_live():
    assert say.value_trait("housing_at_intake", "rough sleeping", 0.7) == (
        "housing at intake mostly rough sleeping"
    )
    assert say.value_trait("area", "<b>", 0.3) == "area more often \\<b\\>"


def test_a_segment_is_described_in_one_sentence():
    assert say.described(["older (about 58, everyone about 41)", "gender mostly man"]) == (
        "Older (about 58, everyone about 41); gender mostly man."
    )
    assert say.described([]) == "Much like everyone."


def test_last_period_and_this_one_are_told_together():
    assert say.matched((1, 2), (4,), (3,), 310, 12) == (
        "Segments 1 and 2 were there last period too. Segment 4 is new. Segment 3 of last period "
        "is gone. Of the 310 people who are in a segment of both periods, 12 changed segment."
    )
    assert say.matched((2,), (), (), None, None) == "Segment 2 was there last period too."
    assert say.matched((), (1, 2), (), 0, 0) == (
        "Segments 1 and 2 are new. Nobody is in a segment of both periods, so none could be "
        "matched."
    )
    assert say.matched((), (), (1, 3), 0, 0).startswith("Segments 1 and 3 of last period are gone.")
    assert say.matched((), (), (), 0, 0) == (
        "There are no clear segments, and there were none last period."
    )


def test_refusals_say_what_where_how_many_and_what_to_do():
    assert say.no_frame("list") == (
        "segments: a list was given. Give a table (DataFrame), one row a client."
    )
    assert say.twice(["age", "area"]) == (
        "segments: columns: 'age' and 'area' came more than once. Give each one name."
    )
    assert say.people_again(3, 1200) == (
        "segments: index: 3 of 1,200 rows are of a client who has a row already. Give one row a "
        "client."
    )
    assert say.endless("age", 2, 100) == (
        "segments: age: 2 of 100 are infinite. Leave empty what is not known."
    )
    assert say.not_found_before("list") == (
        "segments: match: a list was given. Give what segments.find returned for each of the two "
        "periods."
    )


def test_nothing_said_is_jargon():
    told = [say.not_found(each, 50) for each in say.WHY_NOT]
    told += [say.left_out(each) for each in say.LEFT_OUT]
    told += [say.found(3, 100, 0.9), say.matched((1,), (2,), (3,), 10, 1)]
    assert not [each for each in told if FORBIDDEN.search(each)]
