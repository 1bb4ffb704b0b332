import inspect
import re
from datetime import date

import pytest

from workbench.words import comparison as said

SUPPORT = said.labels("support", "advice", by_day=56)
CAUSE = (
    r"\b(leads? to|led to|improv\w+|caus\w+|help\w*|because of|effects?|works|worked|reduc\w+|"
    r"increas\w+|prevent\w+|due to|results? in|thanks to|impact\w*|benefits?)\b"
)
JARGON = (
    r"\b(p value|propensit\w+|AIPW|confound\w+|significan\w+|Newcombe|landmark|covariate|odds|"
    r"regression|bootstrap|cluster\w*|standardised)\b"
)


@pytest.mark.parametrize(
    ("found", "interval", "adjusted_for", "sentence"),
    [
        (0.2, (0.05, 0.33), (), "That is 20 points higher, probably 5 to 33 points higher."),
        (-0.2, (-0.33, -0.05), (), "That is 20 points lower, probably 5 to 33 points lower."),
        (
            0.02,
            (-0.05, 0.08),
            (),
            "No clear difference: it may be anything from 5 points lower to 8 points higher.",
        ),
        (0.0, (0.0, 0.0), (), "No clear difference: it may be anything from 0 to 0 points higher."),
        (
            0.12,
            (0.02, 0.2),
            ("need_score", "age"),
            "Between people alike in need score and age it is 12 points higher, probably 2 to 20 "
            "points higher.",
        ),
        (
            -0.01,
            (-0.04, 0.01),
            ("age",),
            "No clear difference between people alike in age: it may be anything from 4 points "
            "lower to 1 point higher.",
        ),
    ],
)
def test_higher_lower_and_no_clear_difference(found, interval, adjusted_for, sentence):
    assert said.difference(found, interval, adjusted_for) == sentence


def test_counts_and_shares_of_both_groups():
    outcome = said.quoted(["settled home"])
    assert said.counted(outcome, SUPPORT, (75, 140), (170, 290), about=True) == (
        "'settled home' is recorded for 44% of about 170 clients who had received advice by day "
        "56, and for 48% of about 290 clients who had not."
    )
    assert said.counted_out(outcome, SUPPORT, (6, 2), (7, 9)) == (
        "'settled home' is recorded for 6 of 7 clients who had received advice by day 56, and for "
        "2 of 9 clients who had not."
    )
    assert said.quoted(["home", "work"]) == "'home' or 'work'"


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (said.TOO_FEW, "Too few to tell."),
        (said.TOO_FEW_AMONG, "Too few among these clients."),
        (said.HIDDEN, "Too few to tell: a number behind it is too small to be shown."),
        (
            said.TOO_WIDE,
            "Too few to tell: the true difference may lie more than 20 points to either side.",
        ),
        (
            said.ONE_WORKER,
            "Too few to tell: all clients of one of the groups had the same worker.",
        ),
        (
            said.too_different(["need_score: 5", "age"], False, False),
            "Too different to compare: they are not alike in need score and age.",
        ),
        (
            said.too_different([], True, True),
            "Too different to compare: too few of those without it are like those with it, and for "
            "more than one in ten hardly anybody in the other group is like them.",
        ),
        (
            said.much_not_known((-0.05, 0.3)),
            "Too much is not known to compare. Whatever the missing ones are, the difference lies "
            "from 5 points lower to 30 points higher.",
        ),
        (said.much_not_known(None), "Too much is not known to compare."),
        (said.NOT_ADJUSTED, "The groups may differ in other ways: this is not adjusted."),
        (
            said.not_enough_outcomes(5),
            "Not adjusted for case mix: that takes 5 columns, and so at least 60 people with the "
            "rarer result; there are fewer.",
        ),
        (
            said.to_explain(3.94),
            "To account for all of it, something that was not recorded would have to be about 3.9 "
            "times as common in one group as in the other, and the outcome 3.9 times as frequent "
            "among those who have it.",
        ),
        (said.left_out({"a": 3, "b": 0, "c": 1200}), "Left out: 3 (a) and 1,200 (c)."),
        (said.left_out({"a": 0}), ""),
    ],
)
def test_why_nothing_can_be_told_and_what_else_to_know(sentence, words):
    assert sentence == words


@pytest.mark.parametrize(
    ("labels", "groups", "asked"),
    [
        (
            ("clients who had received advice by day 56", "clients who had not"),
            ("had it by day 56", "not by day 56"),
            {"kind": "support", "name": "advice", "by_day": 56},
        ),
        (
            ("clients who were seen within 7 days", "clients who were not"),
            ("seen within 7 days", "not seen within 7 days"),
            {"kind": "first contact", "name": "", "by_day": 7},
        ),
        (
            ("clients who started from 2 September 2024 on", "clients who started before"),
            ("started from 2 September 2024 on", "started before"),
            {"kind": "change", "name": "Reminders", "day": date(2024, 9, 2)},
        ),
        (
            ("clients whose need score is 1 or 2", "clients whose need score is another"),
            ("1 or 2", "any other"),
            {"kind": "attribute", "name": "need_score", "values": ("1", "2")},
        ),
        (
            ("clients whose gender is Female", "clients whose gender is Male"),
            ("Female", "Male"),
            {"kind": "attribute", "name": "gender", "values": ("Female",), "others": ("Male",)},
        ),
    ],
)
def test_what_both_groups_are_called(labels, groups, asked):
    assert said.labels(**asked) == labels
    assert said.groups(**{key: asked[key] for key in asked if key != "name"}) == groups


def test_what_groups_differ_in_is_said_in_titles():
    asked = [
        ("support", "advice"),
        ("attribute", "need_score"),
        ("first contact", ""),
        ("change", ""),
    ]
    assert [said.topic(*each) for each in asked] == [
        "by advice", "by need score", "by first contact", "before and after the change",
    ]  # fmt: skip
    assert said.question("'home'", SUPPORT, {"team": "A"}, "Reminders") == (
        "Is 'home' more or less frequent for clients who had received advice by day 56 than for "
        "clients who had not? Among clients whose team is A. Logged on that day: Reminders."
    )


def test_parts_with_too_few_clients_are_counted():
    assert [said.too_few_in(*n) for n in ((0, 3), (1, 1), (1, 3), (2, 3), (3, 3))] == [
        "",
        "The one part has too few clients to tell, or to be shown.",
        "Of 3 parts, 1 has too few clients to tell, or to be shown.",
        "Of 3 parts, 2 have too few clients to tell, or to be shown.",
        "All 3 parts have too few clients to tell, or to be shown.",
    ]


def test_how_many_comparisons_were_made():
    assert [said.how_many(n) for n in (0, 1, 3)] == [
        "No comparison could be made.",
        "One comparison could be made.",
        "3 comparisons were made, and the readings allow for that.",
    ]


def test_which_clients_are_asked_about():
    assert said.who({}) == "all clients"
    assert said.who({"programme": "A", "team": "B"}) == (
        "clients whose programme is A and whose team is B"
    )
    assert said.who({"caseworker": "W3"}) == "the clients of one caseworker"
    assert said.among({"programme": "A"}, "Too few.") == (
        "Among clients whose programme is A: too few."
    )
    assert said.wider("Too few among these clients.", 410, "'home' is recorded.") == (
        "Too few among these clients. Across about 410 similar clients: 'home' is recorded."
    )


def test_names_from_the_records_are_never_live():
    label, _ = said.labels("support", "<b>*advice*</b>", by_day=1)
    assert label == r"clients who had received \<b\>\*advice\*\</b\> by day 1"
    assert said.quoted(["[x](y)"]) == r"'\[x\](y)'"


def everything():
    """Every sentence there is, each function called with something."""
    constants = [
        value
        for name, value in vars(said).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    ]
    made = [
        said.difference(0.2, (0.1, 0.3)), said.difference(-0.2, (-0.3, -0.1), ["age"]),
        said.difference(0, (-0.1, 0.1)), said.difference(0, (-0.1, 0.1), ["age"]),
        said.too_different(["age"], True, True), said.much_not_known((-0.1, 0.1)),
        said.not_enough_outcomes(2), said.no_variation(["age"]), said.said_already(["age"]),
        said.left_out({"reason": 3}), said.outcomes_not_known(1, 2), said.to_explain(2),
        said.counted("'home'", SUPPORT, (5, 5), (10, 10)),
        said.counted_out("'home'", SUPPORT, (5, 5), (10, 10)),
        said.question("'home'", SUPPORT, {"team": "A"}, "Reminders"), said.against(SUPPORT),
        said.topic("support", "advice"), said.topic("change", ""), said.topic("first contact", ""),
        said.topic("attribute", "need_score"), said.how_many(0), said.how_many(1), said.how_many(3),
        said.too_few_in(1, 3), said.too_few_in(3, 3),
        said.wider("Few.", 400, "Many."), said.wider("Few.", None, "Many."),
        said.among({"team": "A"}, "Few."), said.who({"team": "A"}),
        *said.with_and_without("support"), *said.labels("support", "advice"),
        *said.groups("support", by_day=5), said.quoted(["home"]),
    ]  # fmt: skip
    made += [each for kind in said.OTHER_HALF for each in said.other_half(kind)]
    made += [each for kind in said.CANNOT_TELL for each in said.cannot_tell(kind, True)]
    return [*constants, *made]


def test_no_sentence_claims_a_cause_or_speaks_jargon():
    for sentence in everything():
        assert not re.search(CAUSE, sentence, re.IGNORECASE), sentence
        assert not re.search(JARGON, sentence, re.IGNORECASE), sentence


def test_every_function_is_looked_at():
    own = [
        name
        for name, each in vars(said).items()
        if inspect.isfunction(each) and each.__module__ == said.__name__ and name[0] != "_"
    ]
    source = inspect.getsource(everything)
    assert [name for name in own if f"said.{name}(" not in source] == []
