"""A synthetic charity, written as an ordinary case-management export with known truths in it."""

from pathlib import Path

from workbench.sample import flaws, readme
from workbench.sample.charity import make
from workbench.sample.export import FILES, exported, write_file

__all__ = ["make", "write"]


def write(
    folder: str | Path, seed: int = 2025, effects: bool = True, clients: int = 900
) -> list[Path]:
    """Write the synthetic charity's export into a folder; returns the files written.

    CSV files as a case-management system gives them, flaws included, and a README with the
    planted truths. `effects=False` writes the same charity in which nothing makes a difference.
    The same arguments give the same bytes on every machine.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    tables = make(seed, effects, clients)
    frames, counts = flaws.apply(exported(tables, seed), seed)
    written = [write_file(place, file, frames[name]) for name, file in FILES.items()]
    text = readme.describe(frames, counts, seed, effects, clients)
    about = place / "README.md"
    about.write_text(text, encoding="utf-8", newline="\n")
    return [*written, about]
