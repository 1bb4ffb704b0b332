from datetime import date

import pytest

from workbench import words


@pytest.mark.parametrize(
    ("reading", "rule", "value", "sentence"),
    [
        (
            "common cause",
            None,
            0.75,
            "Attendance rate stood at 75% in May 2025, within its usual range of 70% to 84%. "
            "Nothing unusual happened.",
        ),
        (
            "improvement",
            "outside limits",
            0.9,
            "Attendance rate stood at 90% in May 2025, above its usual range of 70% to 84%: "
            "better than usual.",
        ),
        (
            "concern",
            "outside limits",
            0.6,
            "Attendance rate stood at 60% in May 2025, below its usual range of 70% to 84%: "
            "worse than usual.",
        ),
        (
            "low",
            "shift",
            0.72,
            "Attendance rate stood at 72% in May 2025, one of seven months or more in a row on the "
            "same side of the average: lower than usual.",
        ),
        (
            "does not vary",
            None,
            1.0,
            "Attendance rate stood at 100% in May 2025, as in every interval before. "
            "It does not vary.",
        ),
        (
            "too few",
            None,
            None,
            "Attendance rate: too few people in May 2025 to show a figure.",
        ),
    ],
)
def test_each_reading_has_its_sentence(reading, rule, value, sentence):
    said = words.signal(
        "attendance rate", value, "May 2025", reading, unit="%", rule=rule, usual=(0.7, 0.84)
    )
    assert said == sentence


def test_a_figure_that_looks_like_its_limit_is_just_beyond_it():
    said = words.signal(
        "contacts", 0.0188, "May 2025", "low", rule="outside limits", usual=(0.0214, 0.13)
    )
    assert said == (
        "Contacts stood at 0.02 in May 2025, just below its usual range of 0.02 to 0.13: lower "
        "than usual."
    )


def test_nobody_is_not_called_too_few():
    said = words.signal("success rate", None, "May 2025", "nobody", unit="%")
    assert said == "Success rate: there was nobody in May 2025 of whom it could be asked."
    assert set(words.TO_DO) == set(words.READINGS)


def test_a_stock_is_not_judged():
    assert words.signal("caseload", 310, "May 2025", "stock", unit="count") == (
        "Caseload stood at 310 in May 2025. A number that carries over from month to month has no "
        "usual range; what comes in and what goes out is judged instead."
    )


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("pass", "If nothing changes, the target of 80% will be met nearly every time."),
        ("fail", "If nothing changes, the target of 80% will be missed nearly every time."),
        (
            "hit or miss",
            "The target of 80% will be met some months and missed in others by chance alone.",
        ),
        (None, ""),
    ],
)
def test_a_target_is_relied_on_or_not(kind, sentence):
    assert words.assurance(kind, 0.8, "%") == sentence


def test_an_explanation_names_the_largest_part_and_claims_no_cause():
    said = words.explained("success", False, 0, -0.01, -0.08, "Floating support", "programme", "%")
    assert said == (
        "By programme, most of the fall goes with different results for the same kind of people "
        "(−8 points); of its groups, 'Floating support' counts most."
    )
    near = words.nearby([(date(2025, 3, 1), "evening drop-in opened")])
    assert near == (
        "Logged nearby: evening drop-in opened (1 March 2025). That they fall together does not "
        "show that one led to the other."
    )


def test_chance_is_owned_up_to():
    assert words.chance(3.2, 12) == (
        "12 measures have a usual range. Chance alone would flag about 3 of the points judged on "
        "their charts: a single flag is a reason to ask, not a finding."
    )
    assert "fewer than one" in words.chance(0.4, 3)


def test_numbers_are_written_as_they_are_read():
    assert words.number(1234, "count") == "1,234"
    assert words.number(0.083) == "0.08"
    assert words.number(12.34, "days") == "12.3 days"
    assert words.number(16.0, "days") == "16 days"
    assert words.number(0.0152, "%") == "1.5%"
    assert words.number(-0.042, "points") == "−4.2 points"
    assert words.number(None) == "not shown"
    assert (words.number(1, "days"), words.number(0.01, "points")) == ("1 day", "1 point")
    assert words.between(12.7, 53.2, "count") == "13 to 53"
    assert words.between(6.2, 31.5, "days") == "6.2 to 31.5 days"
    assert words.between(0.04, 0.14, "%") == "4% to 14%"
    assert words.listing(["a", "b", "c"]) == "a, b and c"


def test_what_a_report_rests_on_is_said_first():
    said = words.known(date(2025, 11, 30), date(2025, 11, 20), {"no consent to analysis": 12})
    assert said == (
        "This is what was known on 30 November 2025. Records can be relied on up to 20 November "
        "2025; later ones are still coming in. Clients left out: 12 (no consent to analysis)."
    )


def test_new_limits_are_proposed_and_never_taken():
    assert words.rebase("exits", "new building", date(2025, 3, 1)) == (
        "A lasting shift begins at a logged change (new building, 1 March 2025). If it is here to "
        'stay, confirm new limits from then on in the settings, under [measures."exits"] rebase_at.'
    )


def test_a_misspelt_id_is_not_said_to_be_erased():
    assert "check how it is spelt" in words.forgotten(0, 0)
    assert words.forgotten(2, 1) == (
        "Erased from 2 snapshots, and left out of every load to come. Their rows in the export "
        "itself are yours to remove. Reports made of them: 1."
    )


def test_a_loss_says_what_to_do_about_it():
    said = words.to_mend("contacts.csv", "contact_date", "is not a date", "Correct it.")
    assert said == "contacts.csv: contact_date is not a date. Correct it."


def test_a_name_from_the_records_is_never_live_markdown():
    hostile = "**bold** [see](https://evil.test) <b>"
    near = words.nearby([(date(2025, 3, 1), hostile)])
    assert r"\*\*bold\*\* \[see\](https://evil.test) \<b\>" in near
    assert "Floating support" in words.verbatim("Floating support")
