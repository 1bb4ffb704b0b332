"""A board's two pages: one sentence a measure, and what the board is asked to decide."""

from workbench.analyses.board.telling import attention, decisions, sentences, shortest

__all__ = ["attention", "decisions", "sentences", "shortest"]
