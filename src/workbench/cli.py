"""The command `workbench`: what is typed becomes one call; no logic lives here."""

import ast
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench import __version__, sample, settings, snapshots, store, tables, words
from workbench.errors import WorkbenchError
from workbench.reporting import run as reporting

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From a case-management export to a report that a caseworker and a board can read.",
)
File = Annotated[str, typer.Option("--settings", help="settings file; default: the sample's")]
Source = Annotated[str, typer.Option("--source", help="another export: folder, zip or file")]


@app.command()
def run(
    period: Annotated[str, typer.Argument(help='"2025-11", "2025-Q4" or "2025"')],
    settings_file: File = "",
    source: Source = "",
    only: Annotated[list[str] | None, typer.Option(help="a notebook; may be repeated")] = None,
    out: Annotated[str, typer.Option(help="folder; default: reports/<period>")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE for a notebook's parameter")
    ] = None,
) -> None:
    """Make the report of a period."""
    report = reporting.run(
        period,
        settings_file=settings_file,
        source=source,
        only=only or (),
        out=out,
        parameters=dict(_parameter(each) for each in set_ or ()),
        progress=sys.stderr.isatty(),
    )
    typer.echo(f"{report.folder / 'index.html'}")
    for entry in report.entries:
        if entry.state == "failed":
            typer.echo(entry.reason, err=True)
    if not report.whole:
        raise typer.Exit(1)


@app.command("list")
def list_notebooks() -> None:
    """List the notebooks that --only takes."""
    for name, path in reporting.notebooks().items():
        typer.echo(f"{name:16} {reporting.page.title_of(path)}")


@app.command()
def check(settings_file: File = "", source: Source = "") -> None:
    """Load an export and say what was loaded, repaired and set aside."""
    own = reporting.read_settings(settings_file, source)
    data = store.open(own, scope=store.EVERYONE)
    shown = data.issues.astype(object).where(data.issues.notna(), "")
    typer.echo(shown.drop(columns="advice").to_string(index=False))
    for row in shown[shown["kind"].isin(["set aside", "repaired"])].to_dict("records"):
        typer.echo(words.to_mend(row["source"], row["column"], row["problem"], row["advice"]))
    typer.echo(f"complete to {data.complete_to}")


@app.command()
def dictionary(settings_file: File = "") -> None:
    """Print the data dictionary: every table and column, and what it means."""
    declared = (
        tables.with_attributes(settings.read(settings_file).attributes)
        if settings_file
        else tables.TABLES
    )
    typer.echo(tables.as_markdown(declared))


@app.command("sample")
def write_sample(
    folder: Annotated[Path, typer.Option(help="where to")] = Path("data/sample"),
    without_effects: Annotated[bool, typer.Option(help="nothing planted in it")] = False,
) -> None:
    """Write the synthetic charity's export again."""
    sample.write(folder, effects=not without_effects)
    typer.echo(f"{folder}")


@app.command()
def forget(client: Annotated[str, typer.Argument(help="the client's id")]) -> None:
    """Erase a client from every snapshot, and list the reports made with them."""
    found = snapshots.forget(client)
    typer.echo(words.forgotten(found.snapshots, len(found.runs)))
    if len(found.runs):
        typer.echo(found.runs.drop(columns="snapshot").to_string(index=False))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _parameter(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign:
        raise WorkbenchError(f"--set: {text!r} has no '='. Write NAME=VALUE.")
    try:
        return name.strip(), ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name.strip(), value


def main(arguments: list[str] | None = None) -> None:
    """Run the command; what the user can put right is told in words, without a traceback."""
    try:
        app(arguments)
    except WorkbenchError as problem:
        for line in problem.problems:
            typer.echo(line, err=True)
        sys.exit(2)
