"""Which rules of the settings are others than in the last report."""

from workbench.settings import Settings

COUNTED = ("count", "date", "where", "of", "per")  # of a measure: what its figure rests on
REPORTED = ("interval", "start_within_days", "entry_within_days", "complete_from")
READING = ("sources", "attributes")
NO_PART = ("reading", "disclosure")  # differences that no figure of ours shows as a definition


def under(then: Settings | None, now: Settings) -> Settings:
    """The last report's definitions, for today's reader: today's protection and measures."""
    if then is None:
        return now
    reporting = then.reporting.model_copy(update={"measures": now.reporting.measures})
    return then.model_copy(
        update={"reporting": reporting, "disclosure": now.disclosure, "folder": now.folder}
    )


def changed(then: Settings, now: Settings) -> dict[str, list[str]]:
    """The rules that differ, by keys of `words.revisions.SECTIONS`, with the measures meant.

    Targets, directions and limits are no part of a figure, so they are not among them.
    """
    found: dict[str, list[str]] = {}
    for part in ("outcomes", "contacts", "exits"):
        if getattr(then, part) != getattr(now, part):
            found[part] = []
    names = sorted({*then.measures, *now.measures})
    if others := [name for name in names if _counted(then, name) != _counted(now, name)]:
        found["measures"] = others
    if then.organisation.year_starts != now.organisation.year_starts:
        found["year"] = []
    if any(getattr(then.reporting, each) != getattr(now.reporting, each) for each in REPORTED):
        found["reporting"] = []
    reads = any(getattr(then, each) != getattr(now, each) for each in READING)
    if reads or then.data.reader != now.data.reader:
        found["reading"] = []
    if then.disclosure != now.disclosure:
        found["disclosure"] = []
    return found


def counts_otherwise(then: Settings, now: Settings) -> bool:
    """Whether the same records can come to another figure."""
    return bool(set(changed(then, now)) - set(NO_PART))


def _counted(settings: Settings, name: str) -> list[object]:
    own = settings.measures.get(name)
    return [getattr(own, each) for each in COUNTED] if own and own.count else []
