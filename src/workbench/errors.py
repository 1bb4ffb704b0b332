"""The errors that a person may read; anything else that is raised is a defect of ours."""

from collections.abc import Sequence


class WorkbenchError(Exception):
    """Something that the user can put right; the message says what, where, how many, what to do."""

    def __init__(self, *problems: str) -> None:
        self.problems: Sequence[str] = problems
        super().__init__("\n".join(problems))


class SettingsError(WorkbenchError):
    """The settings file does not say what it must."""


class DataError(WorkbenchError):
    """The records cannot be used as they are."""


class ReportError(WorkbenchError):
    """A report could not be made."""


class AccessError(WorkbenchError):
    """These records are not for this person."""
