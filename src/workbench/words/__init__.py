"""Every sentence that a person reads, in one place: British English, no jargon, no cause claimed.

`plain` writes numbers and names; `signals` speaks of measures and records; `sweet_spot`,
`comparison` and `journeys` each say what their analysis found, `reading` how to read their charts.
Each function takes plain values and returns a sentence; none looks at data.
"""

from workbench.words import comparison, journeys, reading, sweet_spot
from workbench.words.plain import between, day, listing, number, p_value, signed, verbatim
from workbench.words.signals import (
    ASSURANCE,
    CANNOT_TELL,
    NOT_SPLIT,
    NOTHING_COMPLETE,
    READINGS,
    RULES,
    TO_DO,
    assurance,
    chance,
    explained,
    forgotten,
    incomplete,
    known,
    nearby,
    not_explained,
    provisional,
    rebase,
    seasonal,
    signal,
    to_mend,
    under_chart,
)

__all__ = [
    "ASSURANCE",
    "CANNOT_TELL",
    "NOTHING_COMPLETE",
    "NOT_SPLIT",
    "READINGS",
    "RULES",
    "TO_DO",
    "assurance",
    "between",
    "chance",
    "comparison",
    "day",
    "explained",
    "forgotten",
    "incomplete",
    "journeys",
    "known",
    "listing",
    "nearby",
    "not_explained",
    "number",
    "p_value",
    "provisional",
    "reading",
    "rebase",
    "seasonal",
    "signal",
    "signed",
    "sweet_spot",
    "to_mend",
    "under_chart",
    "verbatim",
]
