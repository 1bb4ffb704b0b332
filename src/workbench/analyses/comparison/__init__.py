"""Two groups of clients set side by side: is the outcome more frequent in one of them?"""

from workbench.analyses.comparison.answers import Answer, compare_clients
from workbench.analyses.comparison.asking import Asked, to_ask
from workbench.analyses.comparison.comparing import Comparison, compare
from workbench.analyses.comparison.pages import (
    answer_table,
    balance_table,
    cannot_tell,
    difference_table,
    dropped_table,
    how_many,
    other_half,
    told_apart,
)
from workbench.analyses.comparison.pooling import PooledOdds, pooled_odds_ratio
from workbench.analyses.comparison.questions import Question, questions
from workbench.analyses.comparison.several import compare_each, compare_values

__all__ = [
    "Answer",
    "Asked",
    "Comparison",
    "PooledOdds",
    "Question",
    "answer_table",
    "balance_table",
    "cannot_tell",
    "compare",
    "compare_clients",
    "compare_each",
    "compare_values",
    "difference_table",
    "dropped_table",
    "how_many",
    "other_half",
    "pooled_odds_ratio",
    "questions",
    "to_ask",
    "told_apart",
]
