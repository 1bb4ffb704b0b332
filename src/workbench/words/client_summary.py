"""What a client can take away on one page, in words that do not judge.

It goes to courts and housing offices, so it says what was recorded and no more.
"""

from datetime import date

from workbench.words.plain import day, listing

TITLE = "What was recorded of my time with this service"
NOT_YOURS = (
    "client: there is no client of that id among those whose cases you may see. Check the id, and "
    "choose from your own list."
)
ONE_PERSON = (
    "client: a summary is for the caseworker who holds the case. Open the data with "
    "open_for('caseworker', ...)."
)
CLIENT, MADE, KNOWN_TO, WITH = "Client", "Made on", "Records up to", "Organisation"
STAYS, ATTENDANCE, KINDS = "My time here", "Appointments, month by month", "What kind they were"
SUPPORTS, OUTCOMES = "Support that I received", "What I achieved"
LABELS = {
    "programme": "Programme", "start": "From", "end": "To", "month": "Month", "offered": "Offered",
    "kept": "Kept", "missed": "Missed", "not_recorded": "Not recorded", "kind": "Kind",
    "support": "Support", "outcome": "Achieved", "day": "On",
}  # fmt: skip
STILL = "still with us"
GOING_ON = "still going on"
NO_STAYS = "No programme has started yet."
NO_CONTACTS = "No appointment is on record."
NO_SUPPORTS = "No further support is on record."
NO_OUTCOMES = "Nothing is on record yet. That does not mean that nothing was achieved."
NO_KIND = "kind not recorded"
GROUP = "group session"
SAYS_NOT = (
    "It says what was recorded, not what the client did or did not try, how they are, or why an "
    "appointment was missed.",
    "An appointment that nobody wrote down is not in it. Missed means that it was offered and "
    "did not take place; the reason is not on this page.",
    "It is no assessment of the client, of any risk, or of what will happen.",
)
SAYS_NOT_HEAD = "What this page does not say"
SIGNED = "Signed for the organisation"
NAME, DATE = "Name and role", "Date"
AGREED = "The client has read this page and agrees to its being handed over"
PRINT = "Print this page"
CHOOSE = "Whose summary do you want to print?"
NOBODY = "You hold no case today, so there is nobody whose summary you can print."
BACK = "Another client"
EARLIER = "Earlier"


def kept_of(kept: int, missed: int, not_recorded: int) -> str:
    """The appointments as one sentence: 40 of 50 appointments were kept."""
    offered = kept + missed + not_recorded
    if not offered:
        return NO_CONTACTS
    things = f"{offered} appointment{'' if offered == 1 else 's'}"
    verb = "was" if kept == 1 else "were"
    rest = [f"{missed} {'was' if missed == 1 else 'were'} missed"] if missed else []
    rest += [f"for {not_recorded} it is not on record"] if not_recorded else []
    tail = f"; {listing(rest)}" if rest else ""
    return f"{kept} of {things} {verb} kept{tail}."


def since(first: date, last: date) -> str:
    """From when to when the records go."""
    return f"From {day(first)} to {day(last)}."


def month(value: date) -> str:
    """A month as it stands in the list."""
    return f"{value:%B %Y}"


def until(value: date | None, open_still: str) -> str:
    """When something ended; where it did not, that it goes on."""
    return open_still if value is None else day(value)
