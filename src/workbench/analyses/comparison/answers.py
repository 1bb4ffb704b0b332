"""A question about clients, answered from the records, in words that may be published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from workbench import disclosure, words
from workbench.analyses.comparison import publishing
from workbench.analyses.comparison.comparing import Comparison, Verdict, compare_people
from workbench.analyses.comparison.gathering import Gathered, compared, gather, narrowed
from workbench.analyses.comparison.questions import EVERYONE, Question, Who, clients_of
from workbench.profiles import named
from workbench.settings import Disclosure
from workbench.store import Workspace

ASK_WIDER = ("too few to tell", "too different to compare")
Outcome = str | Sequence[str] | None
Names = Sequence[str] | None


@dataclass(frozen=True, eq=False)
class Answer:
    """What the records say to a question about clients.

    `verdict`, `sentence` and `notes` may be published: they rest on `counts`, which were released.
    `comparison` is exact, and for the analyst alone, as is `dropped` (stays that are not in it, by
    reason).
    `asked`: the question in words; `outcome`: what is compared; `happens`: it is only recorded when
    it happens. `wider`: the same question for everyone, where these clients are too few.
    """

    question: Question
    who: Mapping[str, str]
    outcome: str
    asked: str
    verdict: Verdict
    sentence: str
    notes: tuple[str, ...]
    counts: pd.DataFrame
    comparison: Comparison
    dropped: Mapping[str, int]
    happens: bool
    wider: "Answer | None" = None


def compare_clients(
    data: Workspace,
    who: Who = EVERYONE,
    group: str = "",
    outcome: Outcome = None,
    case_mix: Names = None,
    landmark_days: int | None = None,
    seed: int = 0,
) -> Answer:
    """Whether an outcome is more or less frequent in one group of clients than in another.

    `who`: "everyone", "programme: Fresh Start", "caseworker: W03", or {attribute: value}; `group`:
    as `questions` lists them; `outcome`: its name, by default those that settings call success;
    `case_mix`: attributes to adjust for, by default those that settings mark so, () for none. What
    starts after the client's start counts as had if it started by the landmark day of the stay (by
    default that of settings), and outcomes count after it. A client counts once, with the first
    stay that qualifies.
    Raises DataError, with the nearest, for names that there are not, and as
    `exposures.at_landmark`.
    """
    question = Question.parse(group, data)
    asked = clients_of(who, data)
    everyone = gather(data, question, outcomes_of(outcome), landmark_days)
    found = answered(data, everyone, asked, case_mix, seed)
    if not asked or found.verdict not in ASK_WIDER:
        return found
    wider = answered(data, everyone, {}, case_mix, seed)
    known = disclosure.release([sum(wider.comparison.known)], data.settings.disclosure.profile)
    about = None if pd.isna(known.iloc[0]) else int(known.iloc[0])
    sentence = words.comparison.wider(found.sentence, about, wider.sentence)
    return replace(found, wider=wider, sentence=sentence)


def answered(
    data: Workspace, everyone: Gathered, who: Mapping[str, str], case_mix: Names, seed: int
) -> Answer:
    """The answer for some of the people who were gathered."""
    gathered = narrowed(everyone, data, who)
    question, outcome = gathered.question, words.comparison.quoted(gathered.outcomes)
    people, dropped = compared(gathered, data, adjusted_for(data, question, who, case_mix))
    found = compare_people(people, outcome, question.labels, seed)
    rules = data.settings.disclosure
    counts = publishing.counts_table(found, question.groups, rules)
    told = publishing.released(found, rules, found.verdict, counts)
    notes = [words.comparison.HAPPENS] if gathered.happens else []
    if told.found and told.verdict != "no clear difference":
        notes.append(words.comparison.to_explain(told.e_value))
    return Answer(
        question, who, outcome, words.comparison.question(
            outcome, question.labels, who, question.name if question.kind == "change" else ""
        ),
        told.verdict, sentence(found, told, question, outcome, who, rules),
        (*notes, *found.remarks), counts, found, dropped, gathered.happens,
    )  # fmt: skip


def outcomes_of(outcome: Outcome) -> tuple[str, ...]:
    """Outcomes by name; none: those of settings."""
    return (outcome,) if isinstance(outcome, str) and outcome else tuple(outcome or ())


def adjusted_for(
    data: Workspace, question: Question, who: Mapping[str, str], case_mix: Names
) -> list[str]:
    """The case mix of a question: what was asked for, or what settings say and can differ."""
    if case_mix is not None:
        return list(case_mix)
    declared = data.settings.attributes.items()
    return [name for name, each in declared if each.case_mix and name not in (question.name, *who)]


def sentence(
    found: Comparison,
    told: publishing.Released,
    question: Question,
    outcome: str,
    who: Mapping[str, str],
    rules: Disclosure,
) -> str:
    """The answer in one or two sentences of released numbers."""
    said = words.comparison
    about = named(rules.profile).base > 1
    counts = [each for each in (*told.known, *told.recorded) if each is not None]
    few = said.TOO_FEW_AMONG if who else said.TOO_FEW
    if len(counts) < 4:
        return said.among(who, few if who else said.HIDDEN)
    known, recorded = (counts[0], counts[1]), (counts[2], counts[3])
    if told.verdict == "too few to tell":
        counted = said.counted_out(outcome, question.labels, recorded, known, about=about)
        exact = found.reason if found.verdict == told.verdict and not who else few
        return said.among(who, f"{counted} {exact}")
    counted = said.counted(outcome, question.labels, recorded, known, about=about)
    if told.verdict == "too much not known":
        return said.among(who, f"{counted} {said.much_not_known(told.bounds)}")
    if told.verdict == "too different to compare" or told.found is None:
        return said.among(who, f"{counted} {found.reason}")
    difference = said.difference(*told.found, found.adjusted_for)
    still = said.ADJUSTED_STILL if found.adjusted_for else said.NOT_ADJUSTED
    return said.among(who, f"{counted} {difference} {still}")
