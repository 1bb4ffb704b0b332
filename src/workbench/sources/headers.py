"""Which header feeds which column, and which headers are left out because they name people."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workbench.settings import Source, nearest
from workbench.sources.rows import Note
from workbench.sources.text import normal

# Headers, without letter case, spaces and underscores, behind which names and the like are found.
_PERSONAL = {
    "a name": r"(sur|fore|nick)names?|aliases|alias"
    r"|((client|person|participant|contact|student|staff|worker|caseworker|user|child|parent|carer"
    r"|full|first|last|middle|given|family|maiden|preferred|knownas|legal|display)(s'?)?)*"
    r"names?(suffix)?",
    "an identity number": r".*(ssn|socialsecurity|nationalinsurance|nhsn|passport|taxid).*|nin"
    r"|nino|ninumber",
    "an e-mail address": r".*e?-?mails?(address)?",
    "a phone number": r".*(phone|mobile|telephone|cellphone).*|tel|fax",
    "an address": r".*(address|street|postcode|zipcode|postalcode).*|zip",
    "free text": r".*(notes?|comments?|freetext|narrative|remarks?)",
}


def personal(header: str) -> str | None:
    """What kind of personal data a header announces, if any: "a name", "free text" ..."""
    name = normal(header)
    return next((kind for kind, form in _PERSONAL.items() if re.fullmatch(form, name)), None)


def match(
    source: Source, headers: Sequence[str], schema: Any, place: str
) -> tuple[dict[str, str], list[str]]:
    """Our column -> header as it stands in the file, and what is wrong with the mapping.

    Headers match whatever their letter case, spaces and underscores. A header that is one of our
    column names feeds that column, unless the mapping says otherwise. `place` begins a message
    ("contacts.csv").
    """
    by_name: dict[str, list[str]] = {}
    for header in headers:
        by_name.setdefault(normal(header), []).append(header)
    wanted = {**source.columns}
    taken = {normal(each) for each in (*source.columns.values(), *source.ignore)}
    for column in schema.columns:
        if column not in wanted and normal(column) in by_name and normal(column) not in taken:
            wanted[column] = column
    for column in source.constants:
        wanted.pop(column, None)
    if normal(wanted.get("contact_at", "")) == normal(wanted.get("contact_date", "")):
        wanted.pop("contact_at", None)  # a contact's date gives its time of day by itself
    problems = []
    for column, header in wanted.items():
        found = by_name.get(normal(header), [])
        if not found:
            problems.append(
                f"{place}: {column}: there is no column {header!r}{nearest(header, headers)}"
            )
        elif len(found) > 1:
            problems.append(
                f"{place}: {column}: {len(found)} columns are named {header!r}, and it cannot be "
                "told which is meant. Rename one of them."
            )
    known = {normal(each): each for each in reversed(headers)}
    return {c: known[normal(h)] for c, h in wanted.items() if normal(h) in known}, problems


def notes(
    headers: Sequence[str], used: Mapping[str, str], ignored: Iterable[str], section: str
) -> Iterator[Note]:
    """What was left out of a file, and why; `used` is header -> column over all its tables."""
    ignored = {normal(each) for each in ignored}
    for header in dict.fromkeys(headers):
        kind = personal(header)
        if header in used:
            if kind:
                yield Note(
                    used[header],
                    "noted",
                    f"is read from {header!r}, which looks like {kind}",
                    advice="Give clients and staff a number instead, where you can.",
                )
        elif kind:
            yield Note(header, "noted", f"looks like {kind} and was left out")
        elif header and normal(header) not in ignored:
            yield Note(
                header,
                "noted",
                "is not used",
                advice=f"Map it under [sources.{section}.columns], or name it under ignore.",
            )
