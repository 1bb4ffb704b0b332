"""Revisions: why is this number not what the last report said?

`since_last` splits every measure's change into late entry, edits, changed settings and what really
happened; `first_line` is the board's first line.
"""

from workbench.analyses.revisions.finding import Revisions, between, since_last
from workbench.analyses.revisions.telling import first_line, told

__all__ = ["Revisions", "between", "first_line", "since_last", "told"]
