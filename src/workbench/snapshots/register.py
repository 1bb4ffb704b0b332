"""The register of report runs, and the settings that each was made under."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import SettingsError
from workbench.periods import Period
from workbench.settings import Settings
from workbench.snapshots.folders import digest, home, meta, write_private


@dataclass(frozen=True)
class Run:
    """A report that was made: when, of which period, for whom, from which snapshot.

    `settings`: those it was made under; None where they were not kept, or can no longer be read.
    """

    time: datetime
    period: Period
    audience: str
    folder: Path
    settings: Settings | None


def settings_hash(settings: Settings) -> str:
    """A short name for everything that the settings say."""
    return digest(settings.model_dump_json())


def runs_recorded() -> list[dict[str, str]]:
    """Every report run made on this machine: time, period, folder, snapshot, audience, settings."""
    register = home() / "runs.jsonl"
    if not register.exists():
        return []
    return [json.loads(line) for line in register.read_text(encoding="utf-8").splitlines()]


def record_run(
    snapshot: str,
    period: str,
    folder: Path,
    *,
    audience: str = "",
    settings: Settings | None = None,
) -> None:
    """Note that a report was made from a snapshot: for `forget`, and for the report after it.

    `audience`: empty for the report for all. `settings`: kept once, in a private file.
    """
    row = {
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "period": period,
        "folder": str(folder),
        "snapshot": snapshot,
        "audience": audience,
        "settings": _keep(settings) if settings else "",
    }
    path = home() / "runs.jsonl"
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as register:
        register.write(json.dumps(row) + "\n")


def last_reported(snapshots: set[str], periods: int = 2) -> set[str]:
    """Those of these snapshots that the last reports were made from, of the latest periods.

    With an export a day they would else be gone before the next month's report asks for them.
    """
    latest: dict[str, str] = {}
    for row in runs_recorded():
        if row["snapshot"] in snapshots:
            latest.pop(row["period"], None)
            latest[row["period"]] = row["snapshot"]
    return set(list(latest.values())[-periods:])


def last_run(
    lineage: str, day: date, *, audience: str = "", year_starts: int = 1, again: bool = False
) -> Run | None:
    """The last report of an export whose period ended before a day, if its snapshot is still there.

    Of several periods the one that ended last, of several runs of it the latest; the audience's
    own reports, or anybody's where it has none. `again`: of the period that ends on that day.
    """
    runs = [run for row in runs_recorded() if (run := _read(row, lineage, year_starts))]
    ended = [run for run in runs if (run.period.end == day if again else run.period.end < day)]
    own = [run for run in ended if run.audience == audience] or ended
    return max(own, key=lambda run: (run.period.end, run.time), default=None)


def _read(row: dict[str, str], lineage: str, year_starts: int) -> Run | None:
    """A line of the register, where it is of this export and its snapshot is still there."""
    folder = home() / "snapshots" / row["snapshot"]
    if not (folder / "meta.json").exists() or meta(folder)["lineage"] != lineage:
        return None
    return Run(
        time=datetime.fromisoformat(row["time"]),
        period=Period.parse(row["period"], year_starts),
        audience=row.get("audience", ""),
        folder=folder,
        settings=_kept(row.get("settings", "")),
    )


def _keep(settings: Settings) -> str:
    """Keep settings once, by their hash, so that their definitions can be applied again."""
    name = settings_hash(settings)
    place = home() / "settings"
    place.mkdir(mode=0o700, exist_ok=True)
    if not (place / f"{name}.json").exists():
        write_private(place / f"{name}.json", settings.model_dump_json())
    return name


def _kept(name: str) -> Settings | None:
    path = home() / "settings" / f"{name}.json"
    if not name or not path.exists():
        return None
    try:
        return Settings.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, SettingsError):  # written by another version
        return None
