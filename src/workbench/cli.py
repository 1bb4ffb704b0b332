"""The command `workbench`: what is typed becomes one call; no logic lives here."""

import ast
import getpass
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench import __version__, ledger, sample, settings, snapshots, staff, store, tables, words
from workbench.desk import stripping
from workbench.errors import WorkbenchError
from workbench.reporting import batch, remembering
from workbench.reporting import run as reporting
from workbench.staff import accounts
from workbench.words import batch as telling
from workbench.words import staff as staff_words

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From a case-management export to a report that a caseworker and a board can read.",
)
File = Annotated[str, typer.Option("--settings", help="settings file; default: the sample's")]
user = typer.Typer(no_args_is_help=True, help="Who may sign in to the staff page.")
app.add_typer(user, name="user")
Login = Annotated[str, typer.Argument(help="as in the table staff, or under [staff.roles]")]
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
    audience: Annotated[
        list[str] | None, typer.Option(help="reports for these readers instead; may be repeated")
    ] = None,
    whom: Annotated[
        list[str] | None, typer.Option("--for", help="only this reader of the audience")
    ] = None,
    force: Annotated[bool, typer.Option(help="make again what is done")] = False,
    workers: Annotated[int, typer.Option(min=0, help="processes; default: the cores")] = 0,
    steps: Annotated[bool, typer.Option("--log", help="tell each step on the way")] = False,
) -> None:
    """Make the report of a period, or those of an audience."""
    if steps:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("workbench").setLevel(logging.INFO)
    if audience:
        if only or set_ or (out and len(audience) > 1):
            raise WorkbenchError(
                "--audience: its notebook and parameters are in the settings, so --only and --set "
                "do not go with it, nor --out with several."
            )
        releases = [
            batch.make(
                period,
                each,
                whom=whom or (),
                settings_file=settings_file,
                source=source,
                out=out,
                force=force,
                workers=workers,
                progress=sys.stderr.isatty(),
            )
            for each in audience
        ]
        for made in releases:
            _tell(made)
        if not all(made.whole for made in releases):
            raise typer.Exit(1)
        return
    if whom or force or workers:
        raise WorkbenchError("--for, --force and --workers go with --audience.")
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


def _tell(made: batch.Release) -> None:
    """Where a release is, and what became of its reports."""
    typer.echo(f"{made.folder / 'index.html'}")
    typer.echo(telling.made(list(made.states.values()), len(made.made)))
    for reason in made.reasons:
        typer.echo(reason, err=True)


@app.command("list")
def list_notebooks(settings_file: File = "") -> None:
    """List the notebooks that --only takes, and the audiences that --audience takes."""
    own = settings.read(settings_file) if settings_file else settings.build({})
    made = {each.notebook for each in own.audiences.values()}
    typer.echo("Notebooks (--only):")
    for name, path in reporting.notebooks().items():
        if name not in made:
            typer.echo(f"  {name:20} {reporting.page.title_of(path)}")
    typer.echo("Audiences (--audience):")
    for name, each in own.audiences.items():
        one = f", one report for each {each.one_for}" if each.one_for else ""
        typer.echo(f"  {name:20} {each.title}{one}")


@app.command()
def note(
    signal: Annotated[str, typer.Argument(help="its name, as the report gives it")],
    text: Annotated[str, typer.Argument(help="what is known of it, in a sentence")],
    by: Annotated[str, typer.Option(help="who says so; default: your login")] = "",
    reports: Annotated[Path, typer.Option(help="the folder of the reports")] = Path("reports"),
) -> None:
    """Acknowledge a signal; the next report shows the note."""
    measure = ledger.note(reports / remembering.FILE, signal, text, by or getpass.getuser())
    typer.echo(f"{signal} ({measure}): noted, and shown in the next report.")


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
def strip(files: Annotated[list[Path], typer.Argument(help="notebooks")]) -> None:
    """Take outputs out of notebooks, but those made from the sample; 1 if there were any."""
    told = stripping.strip_all(files)
    for each in told:
        typer.echo(each, err=True)
    if told:
        raise typer.Exit(1)


@app.command()
def serve(
    settings_file: File = "",
    source: Source = "",
    port: Annotated[int | None, typer.Option(help="default: that of the settings")] = None,
) -> None:
    """Serve the staff page; each login sees its own clients."""
    served = staff.start(reporting.read_settings(settings_file, source), port)
    typer.echo(staff_words.serving(served.address))
    served.run()


@user.command("add")
def user_add(
    login: Login,
    settings_file: File = "",
    made_up: Annotated[bool, typer.Option(help="make a password up, and print it once")] = False,
) -> None:
    """Give a login a password, or a new one."""
    password = (
        accounts.made_up()
        if made_up
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    new = accounts.add(reporting.read_settings(settings_file), login, password)
    typer.echo(staff_words.account_added(accounts.same(login), new))
    if made_up:
        typer.echo(staff_words.made_up(password))


@user.command("remove")
def user_remove(login: Login, settings_file: File = "") -> None:
    """Take a login's password away."""
    accounts.remove(reporting.read_settings(settings_file), login)
    typer.echo(staff_words.account_removed(accounts.same(login)))


@user.command("list")
def user_list(settings_file: File = "") -> None:
    """List the logins that have a password, and when it was set."""
    for login, day in accounts.listed(reporting.read_settings(settings_file)).items():
        typer.echo(f"{login:30} {day}")


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
