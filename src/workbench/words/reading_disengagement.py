"""How to read the page on who is drifting away: under its charts, and above its columns."""

READ = {
    "dates": (
        "**How to read it.** On each day the list is imagined as it would have been written that "
        "evening, from what had been typed in by then. *Person-days* counts a client once for "
        "each of these days. *Left* is known now and was not known then. *Gone, not on record* "
        "had left already and nobody had written it down: they are no test of anything and are in "
        "none of the figures below. On a real list they stand too, until somebody closes the case: "
        "near the top by the rule, or as *check: still with us?*."
    ),
    "found": (
        "**What it shows.** Of all who left, the share that was on a list, and its range (95%). "
        "Each way of ranking fills lists of the same length: what a caseworker has time for in a "
        "week.\n\n"
        "**How to read it.** *The rule* needs no model: call those longest without contact. A "
        "model has to find more people than that, beyond chance, or it is not used. Overlapping "
        "ranges alone decide nothing: the verdict rests on the difference, person by person.\n\n"
        "**What to do about it.** Use the ranking that the verdict names. Longer lists find more "
        "leavers and more who would have stayed: the length is yours to choose (`calls_a_week` in "
        "the settings).\n\n"
        "**What it cannot tell you.** Whether a call keeps anybody. That takes a comparison of "
        "people who were called and people who were not."
    ),
    "calibrated": (
        "**How to read it.** The tested people, from the fifth at least risk to the fifth at most. "
        "*Expected* is the chance that the model gave them; the bar is how many left. Where the "
        "two are close, a chance of 10% means one in ten. A model can rank well and still be wrong "
        "about the chances: then use its order and not its percentages."
    ),
    "fair": (
        "**How to read it.** *Found* is the share of a group's leavers who were on a list, "
        "*flagged though they stayed* the share of its stayers who were. A list that finds the "
        "leavers of one group less often leaves that group with less help. *Too few to say* is "
        "not the same as fair.\n\n"
        "**What to do about it.** Where a group is found less often, ask how its people are in "
        "touch: by channels that nobody records, or on days of their own."
    ),
    "terms": (
        "**How to read it.** Odds against somebody alike in everything else, for one standard "
        "deviation more: 2 is double, 0.5 half. Features that say nearly the same (contacts in 2 "
        "and in 4 weeks) share what they say, and one can carry the sign of the other: read them "
        "together, and none as a cause."
    ),
    "ages": (
        "**How to read it.** The chance that somebody who leaves has the larger value: 0.5 tells "
        "nothing. The second figure is the same from data a week older. A feature that told well "
        "and tells nothing a week before was probably written down *because* somebody was "
        "leaving; the workbench refuses such features, and any that tells alone better than 0.9."
    ),
    "drift": (
        "**How to read it.** The mean among those it was made from, and now. Where an input has "
        "*moved*, the people on today's lists are not like those that the test was about: make "
        "the model again before trusting it, and ask what changed (a new form, a new programme, "
        "records that stopped)."
    ),
    "reached": (
        "**How to read it.** If lists have been acted on, the calls are part of these records: "
        "somebody who was called and stayed looks like somebody who was never at risk. Keep a note "
        "of who was called. A share much higher on the list than off it says that it is acted on."
    ),
    "bands": (
        "**How to read it.** Everyone open on the day of this report, once. *Call first*: the "
        "first places of each caseworker's list. *Keep an eye on*: quiet for twice their usual "
        "time, or at more than the average chance. *Check: still with us?*: silent for so long, "
        "or gone and not closed, that the record comes first. Names are on each caseworker's own "
        "list only."
    ),
    "caseload": (
        "*This list is for one caseworker and is left out of every report. Set `caseworker` in "
        "the parameters and run the notebook to see it.*"
    ),
}
LABELS = {
    "use": "Used",
    "as_of_dates": "Days",
    "people_days": "Person-days",
    "gone": "Gone, not on record",
    "listed": "Places on lists",
    "auc": "Ranks a leaver first",
    "auc_lower": "From (ranks)",
    "auc_upper": "to (ranks)",
    "precision": "Of the list, left",
    "precision_lower": "From (list)",
    "precision_upper": "to (list)",
    "recall": "Of leavers, found",
    "lower": "From",
    "upper": "to",
    "false_positive_rate": "Flagged though they stayed",
    "on_the_list": "On the list",
    "seen": "Seen in the week after",
    "what": "What",
    "odds_ratio": "Odds, one sd more",
    "clients_then": "Clients then",
    "clients_now": "Clients now",
    "shift": "Shift in sd",
    "before": "A week older",
    "expected": "Expected",
    "observed": "Left",
}
SHARES = dict.fromkeys(
    (
        "share", "precision", "precision_lower", "precision_upper", "recall", "lower", "upper",
        "observed", "expected", "false_positive_rate",
        "fpr_lower", "fpr_upper",
    ),
    "percent",
)  # fmt: skip
