import re
from datetime import date

import pytest

from workbench.words import sweet_spot as say

ENDS = "This holds for clients still with us at week 12; it is not a rule for any one person."
SHARES = (0.28, 0.71, 0.34)
FOUND = {
    "sweet spot": (
        {"best": (2.0, 3.25)},
        "Those with 2 to 3.25 contacts a week came out best (about 71% reached the outcome, "
        f"against 28% of those seen least and 34% of those seen most). {ENDS}",
    ),
    "more is better": (
        {"best": (2.4, None)},
        "People who were seen more came out better, up to about 2.5 contacts a week (about 71% "
        "reached the outcome, against 28% of those seen least); beyond that these data cannot "
        f"tell. {ENDS}",
    ),
    "levels off": (
        {"best": (1.0, None)},
        "People who were seen more came out better, up to about 1 contact a week (about 71% "
        "reached the outcome, against 28% of those seen least); beyond that there is no difference "
        f"to speak of. {ENDS}",
    ),
    "less is better": (
        {"best": (0.0, 1.0), "shares": (0.7, 0.7, 0.2)},
        "People who were seen less came out better (about 70% of those seen least reached the "
        f"outcome, 20% of those seen most). {ENDS}",
    ),
}  # fmt: skip
FORBIDDEN = re.compile(
    r"\b(lead|leads|cause|causes|because of|improve|improves|effect|effects|works|helps|reduces|"
    r"increases|significant|p value|confounder|regression|null)\b",
    re.I,
)


@pytest.mark.parametrize("verdict", FOUND)
def test_each_verdict_has_its_sentence(verdict):
    given, sentence = FOUND[verdict]
    said = say.found(verdict, **({"shares": SHARES, "weeks": 12, "adjusted": True} | given))
    assert said == sentence


def test_still_rising_at_the_top_has_no_beyond():
    said = say.found(
        "more is better", best=(4.0, None), shares=SHARES, rising_on=True, adjusted=True, weeks=12
    )
    assert said == (
        "People who were seen more came out better, as far as these data go (about 71% reached the "
        f"outcome, against 28% of those seen least). {ENDS}"
    )


@pytest.mark.parametrize("reason", say.WHY_NOT)
def test_each_reason_for_not_telling_has_its_sentence(reason):
    said = say.found("cannot tell", reason, n=25)
    assert said.startswith("These data cannot tell how often it is best to see people. ")
    assert "{" not in said and said.endswith(".")


def test_without_case_mix_the_claim_is_weaker():
    said = say.found("sweet spot", best=(2.0, 3.0), shares=SHARES, weeks=12)
    assert say.NOT_ADJUSTED in said
    assert say.NOT_ADJUSTED not in say.found("sweet spot", best=(2.0, 3.0), adjusted=True)


def test_an_outcome_that_is_not_yes_or_no_is_told_without_shares():
    said = say.found("sweet spot", best=(82.0, 99.0), adjusted=True)
    assert said == (
        "Those with 82 to 99 contacts a week came out best. This holds for clients still with us "
        "when contacts had been counted; it is not a rule for any one person."
    )


def everything():
    for verdict, (given, _) in FOUND.items():
        yield say.found(verdict, **({"shares": SHARES, "weeks": 12} | given))
    yield from (say.found("cannot tell", reason, n=12) for reason in say.WHY_NOT)
    yield from say.TO_DO.values()
    yield from (say.power(each) for each in (0.0, 0.1, 0.31, 1.0))
    yield say.strength(3.4)
    yield from (say.adjusted(n, w) for n in ([], ["need_score"]) for w in (True, False))
    bands = ((0, 1.25), (2, 3), (5,))
    yield from (say.registered(bands, date(2025, 1, 1), each, 20) for each in (True, False, None))
    yield from (say.quadratic(3.5, each) for each in (True, False))
    yield from (say.shapes_differ(p, "gender", 3) for p in (None, 0.01, 0.6))
    yield say.how_asked(["settled home"], 12, 180, kept_only=False)
    yield say.new_look(date(2025, 1, 1), None)
    yield say.not_a_new_look(date(2025, 1, 1), date(2025, 6, 1))
    yield say.not_registered()
    yield say.before_the_first(date(2025, 1, 1))


def test_no_sentence_claims_a_cause_or_needs_a_dictionary():
    for said in everything():
        assert not FORBIDDEN.search(said), said
        assert said.strip() and "  " not in said and "None" not in said


@pytest.mark.parametrize(
    ("value", "written"), [(2.0, "2"), (2.26, "2.25"), (1.97, "2"), (0.5, "0.5"), (10.0, "10")]
)
def test_contacts_are_read_to_the_nearest_quarter(value, written):
    assert say.contacts(value) == written


def test_the_question_says_what_the_outcome_is_and_over_how_long():
    asked = say.how_asked(["settled home", "a job"], 12, 180, kept_only=False)
    assert asked.startswith(
        "**How the question is asked.** To reach the outcome is to have 'settled home' or 'a job' "
        "on record after the first 12 weeks of a stay and within 180 days of its start. Contacts, "
        "kept or missed, are counted in those weeks, for everyone who was still with us at the end "
        "of them."
    )
    assert "Contacts that were kept are counted" in say.how_asked(["x"], 8, 90, kept_only=True)


def test_groups_that_cannot_be_set_side_by_side_are_not_called_small():
    assert say.shapes_differ(None, "need_score", 2) == (
        "By need score, no two groups have enough people, and enough difference in how often they "
        "were seen, to be set side by side."
    )


def test_nobody_is_told_of_power_that_is_not_known():
    assert say.power(None) == "" and say.strength(None) == "" and say.strength(float("inf")) == ""
    assert say.power(0.31).endswith("would have shown it about 3 times in ten.")


@pytest.mark.parametrize(
    ("interval", "kind", "written"),
    [
        ((2.0, 3.25), "interval", "2 to 3.2"),
        ((2.0, 3.0), "two half-lines", "below 2 or above 3"),
        ((float("-inf"), float("inf")), "whole line", "anywhere"),
    ],
)
def test_where_a_quadratic_may_turn(interval, kind, written):
    assert say.turns_between(interval, kind) == written
