"""run.json of a release: what it was made from, and for each report whether it is done.

A report is done when the hashes of its files are in it. It is written anew after each report, so a
run that is stopped goes on where it was.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import ReportError
from workbench.reporting.batch import making

FILE = "run.json"
SAME = ("version", "code", "period", "audience", "settings", "snapshot", "notebook", "parameters")
_SAID = {
    "version": "another version of the workbench",
    "code": "another version of the workbench",
    "period": "another period",
    "audience": "another audience",
    "settings": "other settings",
    "snapshot": "other data",
    "notebook": "another state of the notebook",
    "parameters": "other parameters",
}


@dataclass
class Record:
    """What is known of a release: `made_from` and what became of each report."""

    made_from: Mapping[str, Any]
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    proof: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        """The record of a release's folder; None where there is none that can be read."""
        try:
            found = json.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls(found["made_from"], found["reports"], found["proof"])
        except (OSError, ValueError, KeyError):
            return None

    def write(self, folder: Path) -> None:
        """Write it whole, or leave the one that is there."""
        said = {"made_from": self.made_from, "proof": self.proof, "reports": self.reports}
        part = folder / f".{FILE}"
        part.write_text(json.dumps(said, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(folder / FILE)

    def differs(self, other: "Record") -> list[str]:
        """In what two releases were not made from the same, in words."""
        wrong = (name for name in SAME if self.made_from.get(name) != other.made_from.get(name))
        return list(dict.fromkeys(_SAID[name] for name in wrong))

    def done(self, folder: Path) -> Iterator[str]:
        """The reports whose files are there as they were made."""
        for name, each in self.reports.items():
            there = folder / name
            if each["state"] == "done" and there.is_dir():
                try:
                    if making.hashes(there) == each["files"]:
                        yield name
                except OSError:
                    continue

    def refuse_other(self, other: "Record", where: Path, what: str) -> None:
        """Raise ReportError where `where` holds what was made from something else."""
        if wrong := self.differs(other):
            raise ReportError(
                f"{where}: {what}, from {' and '.join(wrong)}. One release is never made from two: "
                "run it with --force to make all of it anew, or name another folder with --out."
            )
