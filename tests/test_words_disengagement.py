import re
from datetime import date

import numpy as np
import pytest

from workbench import exposures
from workbench.words import disengagement as say

FOUND = {"extra": 12.0, "interval": (3.0, 21.0), "k": 462, "training_events": 165, "events": 61}
FORBIDDEN = re.compile(
    r"\b(lead|leads|causes?|caused|because|improve|improves|effects?|due to|prevents?|reduces?|"
    r"p value|significant\w*|regression|logistic|log odds|AUC|bootstrap|cohort|hazard|null|risk of|"
    r"will leave|drop.?out|non-?compliant|disengaged)\b",
    re.I,
)
ROW = {
    "days_since_contact": 19.0,
    "usual_gap": 6.0,
    "gap_in_usual_gaps": 19 / 6,
    "contacts_2_weeks": 0.0,
    "contacts_4_weeks": 1.0,
    "contacts_8_weeks": 7.0,
    "contacts_in_all": 30.0,
    "contact_trend": -5.0,
    "attendance": 0.62,
    "missed_in_a_row": 2.0,
    "caseworker_changes": 1.0,
    "days_in_programme": 200.0,
    "supports": 3.0,
    "supports_open": 1.0,
    "overdue_actions": 1.0,
    "no_contact": False,
}


@pytest.mark.parametrize(
    ("verdict", "given", "sentence"),
    [
        (
            "use the model",
            {},
            "Use the model: on lists of 462 people in all it found 12 more of those who left than "
            "the rule 'longest without contact' (95% range 3 to 21).",
        ),
        (
            "use the rule",
            {"interval": (-4.25, 16.04), "extra": 6.0},
            "Use the rule: on lists of 462 people in all the model found 6 more of those who left "
            "than 'longest without contact' (95% range −4.2 to 16), which chance alone can do. "
            "Call those longest without contact.",
        ),
        (
            "use the rule",
            {"interval": (-9.0, -2.0), "extra": -5.0},
            "Use the rule: on lists of 462 people in all the model found 5 fewer of those who left "
            "than 'longest without contact' (95% range −9 to −2). Call those longest without "
            "contact.",
        ),
        (
            "cannot tell",
            {"training_events": 42, "events": 7},
            "Cannot tell: 42 who left to learn from and 7 who left to test on are too few (about "
            "100 are needed to learn from). Use the rule: call those longest without contact.",
        ),
        (
            "cannot tell",
            {"training_events": 2000, "events": 2000, "stayed": 0},
            "Cannot tell: there are too few who stayed to test on. Use the rule: call those "
            "longest without contact.",
        ),
    ],
)
def test_the_verdict_in_words(verdict, given, sentence):
    assert say.verdict(verdict, **FOUND | given) == sentence


def test_the_verdict_of_a_file_in_words():
    for verdict in ("use the model", "use the rule", "cannot tell"):
        said = say.verdict_only(verdict)
        assert said.lower().startswith(verdict) and said.endswith(".")
    assert "call those longest without contact" in say.verdict_only("use the rule")
    assert "so use the rule" in say.verdict_only("cannot tell")


TOLD = {
    "shares": (0.3, 0.55), "interval": (0.1, 0.4), "listed": 460.0, "learnt": 165.0, "left": 60.0
}  # fmt: skip


def test_the_verdict_on_a_page():
    assert say.told("use the model", **TOLD) == (
        "The lists use the model. Of those who left, 55% were on the model's lists and 30% on "
        "lists of the same length by the rule 'longest without contact' (460 places in all): 10 to "
        "40 points more, 95% range."
    )
    rule = say.told("use the rule", **TOLD | {"interval": (-0.05, 0.2)})
    assert rule.startswith("The lists use the rule: those longest without contact first. Of those")
    assert rule.endswith(
        "by chance alone, the model may find anything from 5 points fewer to 20 points more, and "
        "that is not enough to use it."
    )
    assert say.told("use the rule", **TOLD | {"shares": (None, 0.5)}).endswith(
        "The numbers behind it are too small to be shown."
    )
    few = say.told("cannot tell", **TOLD | {"learnt": 40.0})
    assert "40 who left to learn from and 60 to test on are too few" in few
    hidden = say.told("cannot tell", **TOLD | {"learnt": None})
    assert "those who left to learn from or to test on are too few" in hidden
    assert "not shown" not in hidden


# --- reasons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "own", "said"),
    [
        ("gap", {}, "no kept appointment for 19 days; usually seen every 6"),
        ("gap", {"usual_gap": 1.2}, "no kept appointment for 19 days; usually seen every day"),
        ("gap", {"usual_gap": np.nan}, "no kept appointment for 19 days"),
        ("gap", {"usual_gap": None, "days_since_contact": 1.0}, "no kept appointment for 1 day"),
        ("gap", {"no_contact": True}, "not seen yet, 19 days after the start"),
        ("gap", {"days_since_contact": 1.0}, "usually seen every 6 days, last yesterday"),
        ("gap", {"days_since_contact": 0.0}, "usually seen every 6 days, last today"),
        ("contact", {}, "seen once in the last 4 weeks, 6 times in the 4 weeks before"),
        (
            "contact",
            {"contacts_4_weeks": 0.0, "contacts_8_weeks": 2.0, "contact_trend": -2.0},
            "seen not once in the last 4 weeks, twice in the 4 weeks before",
        ),
        ("contact", {"contact_trend": 0.0}, "seen once in the last 4 weeks (4 is typical)"),
        ("contact", {"contacts_4_weeks": None}, "seen 30 times in all"),
        ("attendance", {}, "missed the last 2 appointments"),
        ("attendance", {"missed_in_a_row": 1.0}, "missed the last appointment"),
        (
            "attendance",
            {"missed_in_a_row": 0.0},
            "kept 62% of the appointments of the last 8 weeks",
        ),
        (
            "attendance",
            {"missed_in_a_row": None, "attendance": np.nan},
            "attendance is not recorded",
        ),
        ("caseworker", {}, "has had 2 caseworkers"),
        ("caseworker", {"caseworker_changes": 0.0}, "one caseworker"),
        ("time", {}, "with us for 200 days"),
        ("time", {"days_in_programme": None}, "time is not recorded"),
        ("supports", {}, "3 supports started, 1 going on"),
        ("supports", {"supports": 1.0, "supports_open": 0.0}, "1 support started, 0 going on"),
        ("supports", {"supports": 0.0}, "no support started yet"),
        ("actions", {}, "1 action of the plan overdue"),
        ("actions", {"overdue_actions": 0.0}, "no action of the plan is overdue"),
        ("need_score", {"need_score": 4.0}, "need score: 4 (typical: 2.5)"),
        ("need_score", {"need_score": None}, "need score is not recorded"),
        ("housing", {"housing": "sofa *surfing*"}, r"housing: sofa \*surfing\*"),
        ("homeless", {"homeless": True}, "homeless: yes"),
        ("homeless", {"homeless": False}, "homeless: no"),
    ],
)
def test_a_reason_in_words(subject, own, said):
    typical = {"contacts_4_weeks": 4.2, "need_score": 2.5}
    assert say.reason(subject, ROW | own, typical) == said


def test_every_feature_belongs_to_a_subject_and_has_a_name():
    assert set(say.SUBJECTS) == set(say.FEATURES) == set(exposures.ACTIVITY)
    for name in exposures.ACTIVITY:
        subject = say.subject(name)
        assert subject in say.IN_WORDS
        assert say.reason(subject, ROW, {}) != f"{subject} is not recorded"
        assert "_" not in say.subject_in_words(subject) + say.feature(name)
    assert say.subject("need_score") == "need_score"
    assert say.subject_in_words("need_score") == "need score"
    assert say.feature("need_score", "high") == "need score: high"


def test_what_stands_out_begins_with_the_time_since_the_last_contact():
    assert say.standing_out(ROW) == [
        "no kept appointment for 19 days; usually seen every 6",
        "missed the last 2 appointments",
        "1 action of the plan overdue",
        "seen once in the last 4 weeks, 6 times in the 4 weeks before",
        "has had 2 caseworkers",
    ]
    quiet = {"days_since_contact": 3.0, "usual_gap": np.nan, "contact_trend": np.nan}
    assert say.standing_out(quiet) == ["no kept appointment for 3 days"]


@pytest.mark.parametrize(
    ("band", "own", "said"),
    [
        (3, {}, "Is this person still with us? If not, record the exit and the day."),
        (0, {}, "Do the day, the place or the way of meeting still suit?"),
        (0, {"missed_in_a_row": 0.0}, "Is what was planned still right? It is overdue."),
        (
            1,
            {"missed_in_a_row": 0.0, "overdue_actions": 0.0, "no_contact": True},
            "Does the address or telephone number work?",
        ),
        (
            1,
            {"missed_in_a_row": 0.0, "overdue_actions": 0.0},
            "Do they know who their caseworker is now?",
        ),
        (
            2,
            {"missed_in_a_row": None, "overdue_actions": 0.0, "caseworker_changes": 0.0},
            "",
        ),
    ],
)
def test_what_to_look_at_first(band, own, said):
    assert say.check(say.BANDS[band], ROW | own) == said


# --- what cannot be learnt, and what must not be done ---------------------------------------------


def test_why_nothing_can_be_learnt():
    assert say.no_days(date(2025, 10, 11)) == (
        "as_of_dates: there is none that can be used: the records are too short, or it is not "
        "known yet who left after it. The last that could be used is 11 October 2025. Set "
        "as_of_dates or horizon_days under [disengagement], or ask later."
    )
    assert say.nobody(1).endswith("at the close of 1 day. Choose other days.")
    assert say.nobody(12).endswith("at the close of 12 days. Choose other days.")
    assert "no_contact_days under [disengagement]" in say.NOT_NAMED
    assert "no contacts" in say.NO_CONTACTS


def test_what_must_not_be_done():
    whole = " ".join(say.MUST_NOT)
    for word in ("sanction", "refused a service", "Staff are not ranked", "no fact about"):
        assert word in whole
    said = say.must_not(say.stayed_anyway(0.78))
    assert said.count("\n- ") + 1 == len(say.MUST_NOT)
    assert "78% stayed" in said and "no forecast for any one of them" in said
    assert "too few people" in say.stayed_anyway(None)


def test_a_card_says_what_it_is_for_and_what_not():
    rows = say.card(
        horizon=28, no_contact_days=0, dates=("2023-11-11", "2025-10-11", 26), people=640, left=170,
        features=["time since the last contact"], left_out={"area": "is empty"},
        rule="days since the last contact", verdict="use the rule", data="29e2e5f8",
        later=True,
    )  # fmt: skip
    items = dict(rows)
    assert len(items) == len(rows)
    assert items["How it was tested"].startswith("On the last third of the days")
    assert "No sanction" in items["What it is not for"]
    assert "28 days" in items["What it says"]
    assert items["What leaving means"].startswith("An exit for a reason")
    assert "640 clients, 170 of whom left" in items["What it was made from"]
    assert items["What it could not use"] == "area (is empty)."
    silent = dict(
        say.card(
            horizon=28, no_contact_days=45, dates=("2023-11-11", "2025-10-11", 26), people=None,
            left=None, features=["x"], left_out={}, rule="x", verdict="cannot tell", data="0",
            later=False,
        )
    )  # fmt: skip
    assert "no kept contact for 45 days" in silent["What leaving means"].lower()
    assert "not shown clients" in silent["What it was made from"]
    assert "there is no later day" in silent["How it was tested"]
    assert silent["What it could not use"] == "Nothing was left out."


def test_no_sentence_claims_a_cause_or_speaks_jargon():
    said = [say.verdict(each, **FOUND) for each in ("use the model", "use the rule", "cannot tell")]
    said += [say.verdict_only(each) for each in ("use the model", "use the rule", "cannot tell")]
    said += [say.told(each, **TOLD) for each in ("use the model", "use the rule", "cannot tell")]
    said += [say.reason(each, ROW, {}) for each in say.IN_WORDS] + [*say.IN_WORDS.values()]
    said += [*say.MUST_NOT, say.stayed_anyway(0.5), say.NO_CONTACTS, *say.FEATURES.values()]
    said += [say.no_days(date(2025, 1, 1)), say.nobody(3)]
    said += [say.check(band, ROW) for band in say.BANDS]
    for each in said:
        found = FORBIDDEN.search(each)
        assert not found or found[0].lower() == "because", each
