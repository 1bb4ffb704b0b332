"""Who the clients are, whether the service reaches those it is meant for, and for whom it works."""

from workbench.analyses.segments.declared import declared, names, rules_table
from workbench.analyses.segments.finding import NONE, Found, find
from workbench.analyses.segments.matching import Matched, match
from workbench.analyses.segments.people import People, frame, people
from workbench.analyses.segments.planned import meant_for_sentence, profile_table
from workbench.analyses.segments.reach import (
    reach_about,
    reach_sentences,
    reach_table,
    why_no_reach,
)
from workbench.analyses.segments.scoring import (
    Scored,
    bands_table,
    has_scorecard,
    score_sentence,
    score_table,
    scores,
)
from workbench.analyses.segments.shrinking import Shrunken, shrunken
from workbench.analyses.segments.study import (
    Moved,
    Study,
    counted_in,
    possible,
    reading_key,
    remarks,
    sentence,
    study,
    why_not_working,
    with_last_period,
    working_note,
)
from workbench.analyses.segments.tables import (
    dropped_table,
    found_table,
    moved_table,
    named,
    sizes_table,
    stability_table,
    traits_table,
)
from workbench.analyses.segments.working import (
    compared,
    not_known_table,
    working_sentence,
    working_table,
)

__all__ = [
    "NONE",
    "Found",
    "Matched",
    "Moved",
    "People",
    "Scored",
    "Shrunken",
    "Study",
    "bands_table",
    "compared",
    "counted_in",
    "declared",
    "dropped_table",
    "find",
    "found_table",
    "frame",
    "has_scorecard",
    "match",
    "meant_for_sentence",
    "moved_table",
    "named",
    "names",
    "not_known_table",
    "people",
    "possible",
    "profile_table",
    "reach_about",
    "reach_sentences",
    "reach_table",
    "reading_key",
    "remarks",
    "rules_table",
    "score_sentence",
    "score_table",
    "scores",
    "sentence",
    "shrunken",
    "sizes_table",
    "stability_table",
    "study",
    "traits_table",
    "why_no_reach",
    "why_not_working",
    "with_last_period",
    "working_note",
    "working_sentence",
    "working_table",
]
