"""What the proof finds: which rule a report breaks, and where. Never what stands there."""

from dataclasses import dataclass

from workbench.words.release import withheld


@dataclass(frozen=True)
class Breach:
    """A rule that a report breaks. `report`: its folder; `where`: a file, and a place in it."""

    rule: str
    report: str
    where: str

    @property
    def sentence(self) -> str:
        """Why the report is withheld, and what to do."""
        return withheld(self.rule, self.report, self.where)
