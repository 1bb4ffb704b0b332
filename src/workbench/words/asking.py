"""What the pages for staff say: asking about one's clients, today's list, and what to hand over."""

from collections.abc import Mapping
from datetime import date

from workbench.words.plain import day, listing

TITLE = "How do my clients compare?"
LIST_TITLE = "My clients today"
WHOSE = {
    "caseworker": "Clients you hold or have held, in exact numbers. They are for you alone.",
    "team": "The clients of your team. Small numbers are hidden and the others rounded.",
    "service": "The clients of the whole service. Small numbers are hidden and the others rounded.",
}
HOW = "Choose, and the answer changes. Its address keeps the question: save it, or send it on; "
HOW += "whoever opens it sees their own clients."
WHO, GROUP, OUTCOME = "Which clients", "What to compare", "Which outcome"
ALL = {
    "caseworker": "All my clients so far",
    "team": "All clients of the team",
    "service": "All clients",
}
WHOLE = "All"
KINDS = {
    "support": "Received a support, or did not",
    "first contact": "Seen early, or late",
    "change": "Started before or after a change",
}
WITHIN_DAYS = (7, 14, 28)
COUNTS, BARS, APART = "The counts", "How often, in each group", "How far apart"
LINES = (
    "The bar is the share. The thin line across its end says how unsure it is: the true share lies "
    "along it in about 95 of 100 such comparisons."
)
ADJUSTED, LEAVES_OPEN = "Is like compared with like?", "What it cannot tell"
OTHER_HALF = "Ask those who were there"
HIGHER_FIRST = "First group less second"
NOT_KNOWN = "Not known"
KNOWN, RECORDED, GROUP_HEAD = "Outcome known", "On record", "Group"
ASK = "Ask the analyst"
ASK_LABEL = "What would you like to know about this? (You need not write anything.)"
ASK_HINT = "Please do not name clients. The question that you chose goes with it."
ASK_BUTTON = "Send this question to the analyst"
SENT = "Sent. The analyst sees your question as you chose it, your words and your login."
NOT_SENT = "Not sent: it could not be written down. Try again, or ask the analyst yourself."
NOT_UNDERSTOOD = (
    "The address of this page asked for something that cannot be asked here, so it shows the "
    "usual question. Choose below."
)
CANNOT = "This question cannot be answered from these records. Choose another."
NO_OUTCOME_NAMED = "what counts as success"
FAILED = "Something went wrong and nothing was shown. Try another question, or tell the analyst."

CALL, ALL_CASES, OVERDUE = "Whom to call, and why", "All my clients", "What is overdue"
RESULTS = {"reached": "Reached", "not reached": "Not reached"}
ALREADY = {"reached": "reached", "not reached": "tried, not reached"}
NOT_NOTED = "Not noted. Open the page again and try once more."
NOBODY_TO_CALL = "There is nobody whom the list says to call first. Look through all your clients."
ONLY_HOLDERS = (
    "This list is for those who hold cases: it shows single clients, and only their own caseworker "
    "may see it here."
)
WHAT_TO_CALL = (
    "First those whom you have not seen for longest. If you know why somebody is silent, you know "
    "more than this list. Say with one click whether you reached them: the service uses it to see "
    "whether the list helps, and nobody is ranked by it."
)
NOT_HOW_THEY_ARE = (
    "The list goes by days alone: it cannot tell how anybody is, and a contact that is not typed "
    "in looks like silence."
)
SUMMARY_LINK = "Summary to hand over"


def too_few(fewest: int) -> str:
    """Why an answer about few clients, some of them somebody else's now, is not given."""
    return (
        f"In one of the groups the outcome is known of fewer than {fewest} clients. Some of them "
        "may be a colleague's now, so nothing is said about so few. Ask about more clients, or "
        "ask the analyst."
    )


def as_known(last: date) -> str:
    """Up to when the records count."""
    return f"As recorded up to {day(last)}."


def against_others(value: str) -> str:
    """A choice: one value of an attribute against every other."""
    return f"{value}, or any other"


def of_kind(choice: str, heading: str) -> str:
    """A choice that another list of the same words has too."""
    return f"{choice} ({heading.lower()})"


def support(name: str) -> str:
    """A choice: a support, received or not."""
    return f"{name}: had it, or not"


def first_contact(days: int) -> str:
    """A choice: seen within so many days, or later."""
    return f"First seen within {days} days, or later"


def change(on: date, description: str) -> str:
    """A choice: started from a day on, or before it; what was logged on that day."""
    logged = f": {description}" if description else ""
    return f"{day(on)}{logged}"


def kind_of(attribute: str) -> str:
    """A heading in a list of choices: what clients differ in."""
    name = attribute.replace("_", " ")
    return f"{name[:1].upper()}{name[1:]}"


def success(names: tuple[str, ...]) -> str:
    """A choice: the outcome that settings call success."""
    return f"{listing(names, 'or')} ({NO_OUTCOME_NAMED})" if names else NO_OUTCOME_NAMED


def called(counts: Mapping[str, int]) -> str:
    """How many calls were noted: 3 reached, 1 tried and not reached."""
    parts = [f"{n} {ALREADY[result]}" for result, n in counts.items() if n]
    return f"Noted so far: {listing(parts)}." if parts else ""


def noted(client: str, result: str) -> str:
    """A call was noted, for whoever made it."""
    return f"Noted: {client}, {ALREADY[result]}."


def last_call(on: date, result: str) -> str:
    """The last call that was noted of a client."""
    return f"Called on {day(on)}: {ALREADY[result]}"


def button(client: str, result: str) -> str:
    """What a button says: how it went, and with whom."""
    return f"{RESULTS[result]} {client}"


def days_silent(days: int | None) -> str:
    """How long ago the last kept contact was."""
    if days is None:
        return "Not seen yet"
    return f"Last seen {days} day{'' if days == 1 else 's'} ago" if days else "Seen on the last day"


def with_ends(share: str, low: str, high: str) -> str:
    """A share with the ends of its interval, where it has one."""
    return f"{share} ({low} to {high})" if low and high else share
