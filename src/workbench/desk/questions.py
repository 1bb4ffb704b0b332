"""The questions that there is a notebook for, and whether an export can answer them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from workbench.analyses import disengagement, segments, sweet_spot
from workbench.desk.needs import MORE_WITH, NEEDS
from workbench.reporting import page
from workbench.reporting import run as reporting
from workbench.store import Workspace
from workbench.words import desk as said

LANDING = "start_here"
_WHY_NOT: dict[str, Callable[[Workspace], str]] = {
    "sweet_spot": sweet_spot.possible,
    "disengagement": disengagement.possible,
    "segments": segments.possible,
}


@dataclass(frozen=True)
class Question:
    """A question in plain words, its notebook, and whether an export can answer it.

    `missing`: tables without which it cannot be answered. `without`: tables that are missing too,
    and without which parts are left out. `why_not`: what else stands in the way, in a sentence.
    """

    notebook: str
    title: str
    question: str
    needs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    why_not: str = field(default="")


def asked(data: Workspace) -> list[Question]:
    """The questions of the notebooks in this folder, those of the reports first.

    Raises ReportError where there is no folder of notebooks.
    """
    found = reporting.notebooks()
    for_readers = {each.notebook: None for each in data.settings.audiences.values()}
    order = [*dict.fromkeys([*data.settings.reporting.notebooks, *found])]
    order = [name for name in order if name not in for_readers] + [*for_readers]
    return [
        _question(data, name, page.title_of(found[name]), page.question_of(found[name]))
        for name in order
        if name in found and name != LANDING
    ]


def told(data: Workspace) -> str:
    """The questions as a table in Markdown, each with a link to its notebook."""
    return said.questions(
        [
            (each.notebook, each.title, each.question, said.needs(each.needs), answer(each))
            for each in asked(data)
        ]
    )


def answer(question: Question) -> str:
    """Whether an export can answer a question, in a sentence."""
    if question.missing:
        return said.missing(question.missing)
    if question.why_not:
        return said.no(question.why_not)
    return said.yes(question.without)


def _question(data: Workspace, name: str, title: str, question: str) -> Question:
    needs = NEEDS.get(name, ())
    missing = tuple(each for each in needs if each not in data)
    why_not = "" if missing or name not in _WHY_NOT else _WHY_NOT[name](data)
    without = tuple(each for each in MORE_WITH.get(name, ()) if each not in data)
    return Question(name, title, question, needs, missing, without, why_not)
