"""The only readers of outside data."""

from workbench.sources.rows import Export, Note, Staged, check

__all__ = ["Export", "Note", "Staged", "check"]
