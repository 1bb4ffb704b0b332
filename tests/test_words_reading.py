"""What stands under the charts of the three questions: plain, and no cause claimed."""

import re

import pytest

from workbench.words import journeys, reading

FORBIDDEN = re.compile(
    r"\b(leads? to|led to|improv\w+|caus\w+|help\w*|because of|effects?|works|worked|reduc\w+|"
    r"prevent\w+|due to|impact\w*|benefits?|p value|propensit\w+|AIPW|confound\w+|significan\w+|"
    r"landmark|regression|covariate)\b",
    re.I,
)
PAGES = {"sweet spot": reading.SWEET_SPOT, "comparison": reading.COMPARISON, "order": journeys.READ}


@pytest.mark.parametrize("page", PAGES)
def test_how_to_read_it_claims_no_cause_and_needs_no_dictionary(page):
    for said in (*PAGES[page].values(), reading.NOTHING, *reading.OTHER_COUNT.values()):
        assert not FORBIDDEN.search(said), said
        assert said.strip() and "  " not in said


@pytest.mark.parametrize(
    ("page", "part"),
    [("sweet spot", "curve"), ("comparison", "counts"), ("comparison", "difference")],
)
def test_a_chart_says_what_it_cannot_tell(page, part):
    for heading in (
        "**How to read it.**",
        "**What to do about it.**",
        "**What it cannot tell you.**",
    ):
        assert heading in PAGES[page][part]


def test_a_page_without_an_answer_points_to_the_reason():
    assert reading.NOTHING == (
        "There is nothing to show here, for the reason given at the top of this page."
    )


def test_a_verdict_of_a_group_is_no_advice():
    assert "for nothing beyond that" in reading.SWEET_SPOT["groups"]
