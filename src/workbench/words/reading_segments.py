"""How to read what is shown of segments, and what must not be done with it."""

NOT_TO_BE_DONE = (
    "**Sanction nobody.** A segment, a score or a likelihood is no fact about a person, and never "
    "a ground for a warning, a condition, a cut in support or a report to an authority.",
    "**Refuse nobody.** No one is turned away, put lower on a list or given less because of the "
    "segment they are in, or because a segment comes out less well. Those for whom it works less "
    "are a reason to change the service, not its clients.",
    "**Rank no staff.** Caseworkers do not choose who comes to them. Outcomes by segment say "
    "nothing about who works well, and are not to be set against a caseload.",
    "**Decide nothing about one person.** A caseworker who knows the person knows better than any "
    "group that the person was counted into. Nobody's file says which found segment they are in.",
    "**Do not look for a person.** Segments are published for groups large enough that nobody can "
    "be recognised. Do not put tables together to get below that.",
    '**Do not call it a cause.** Segments differ in much that nobody recorded. "Higher" and '
    '"lower" say where to look and whom to ask, not why.',
    "**Do not stop asking.** Whom the service never met is in no table of clients. Ask in the "
    "places where they are.",
)

READ = {
    "declared": (
        "**How to read it.** The rules are tried from the top, and each client is in the first "
        "segment that fits: so in one only. What is not recorded fits no rule. Attributes and age "
        "are those at the start; needs are those identified in the first weeks.\n\n"
        "**What to do about it.** If *others* is the largest, the segments do not describe your "
        "clients. If one is empty, look whether what its rule asks for is recorded at all."
    ),
    "sizes": (
        "**What it shows.** How many clients are in each segment, of all who started while the "
        "records are complete, each counted once with the first stay.\n\n"
        "**How to read it.** *Still here* is who was with us to the end of the first weeks: only "
        "of those can be said how often they were seen in all of them. *Reached the outcome* is of "
        "those whose outcome is known, and counts after the first weeks; *from* and *to* "
        "are the ends of its range (95%).\n\n"
        "**What to do about it.** Compare the sizes with what you believe about your clients, and "
        "with what your programmes are made for.\n\n"
        "**What it cannot tell you.** Who never came. And these shares are as counted: whether "
        "they differ by more than chance is asked further down."
    ),
    "profile": (
        "**How to read it.** *Fewer* or *more than planned* stands only where the plan lies "
        "outside the range and chance alone would seldom do that, allowing for the number of "
        "segments (Holm).\n\n"
        "**What it cannot tell you.** Whether the plan was right."
    ),
    "reach": (
        "**What it shows.** Of the people of each group, the share who were with the service in "
        "that time; the line through the end of each bar is its range (95%).\n\n"
        "**How to read it.** The index is 100 where a group is reached as people are on the whole; "
        "50 is half of that. *Under-reached* stands only where the group is behind all the others "
        "by more than chance, allowing for the number of groups (Holm). *No clear difference* is "
        "not *the same*.\n\n"
        "**What to do about it.** Ask who sends people here from an under-reached group, and what "
        "it takes to get here from there. Then look at the population figure itself.\n\n"
        "**What it cannot tell you.** Whether those who were not reached needed it. A population "
        "of everyone is not a population of those in need, and a figure of another year or another "
        "boundary is wrong by as much as things have moved."
    ),
    "score": (
        "**How to read it.** Each client's answers give points, and a table gives for so many "
        "points the share of people who are in the target group; the mean over clients is the "
        "share to be expected (Schreiner 2015). Whoever lacks an answer is not scored, and not "
        "guessed.\n\n"
        "**What to do about it.** If many are not scored, mend that first: they may be the ones "
        "the service is for.\n\n"
        "**What it cannot tell you.** Whether one client is in the target group: no likelihood is "
        "a yes. The range takes the table as right; one made elsewhere or long ago may not be."
    ),
    "working": (
        "**What it shows.** The share of each segment who reached the outcome after the first "
        "weeks, drawn towards the whole as far as chance may have moved it (few people: far; many: "
        "hardly), with its range (95%).\n\n"
        "**How to read it.** *Higher* and *lower* stand only where the segment differs from all "
        "the others by more than chance, allowing for the number of segments (Holm). *As counted* "
        "is the plain share. *Less the rest* is how far it lies above or below that of the others. "
        "Where more than one in ten outcomes is not known, in the segment or among the others, or "
        "5 points more in one of them, no verdict is given: only what the share would be if all of "
        "those had failed, or had succeeded.\n\n"
        "**What to do about it.** Talk to people of a segment that comes out lower, and to those "
        "who work with them: what would have had to be different?\n\n"
        "**What it cannot tell you.** Why. It is adjusted for nothing: segments differ in how they "
        "came, in what they need and in much that nobody recorded. And a lower share may be good "
        "work with people who had the furthest to go."
    ),
    "not known": (
        "**How to read it.** In these segments, or among the others, too many outcomes are not "
        "known. The share lies somewhere between the two ends, and no comparison is made.\n\n"
        "**What to do about it.** Find those outcomes first."
    ),
    "dropped": (
        "**How to read it.** Those who had left by the end of the first weeks, or who started too "
        "recently, cannot be asked about. If many had left, that is the first thing to look into."
    ),
    "found": (
        "**How to read it.** Nobody declared these: people are put together who are alike in "
        "several things at once. Segments are named only if both halves of the people give the "
        "same ones, and clearer ones than data without segments would. A description names what "
        "tells a segment most apart from everyone; it does not fit each of its people.\n\n"
        "**What to do about it.** Show them to those who know the clients. If they nod, ask "
        "whether the service is made for each of these. If not, leave them.\n\n"
        "**What it cannot tell you.** That there are kinds of people. Other columns would give "
        "other segments."
    ),
    "not found": (
        "**How to read it.** That is an answer: clients differ, but by degrees, and a line drawn "
        "anywhere would be arbitrary. Another month and other columns would give other groups. "
        "Plan by single needs and attributes, or by segments that you declare, rather than by "
        "types of clients.\n\n"
        "**What it cannot tell you.** Whether there are segments in what nobody recorded, or in "
        "columns that were not used."
    ),
    "found working": (
        "**How to read it.** As the table of the declared segments above: the line is the range "
        "of each share, and *higher* and *lower* stand only where chance alone would seldom do "
        "that.\n\n"
        "**What it cannot tell you.** Why; and less than a declared segment can, because these "
        "were looked for first and then compared."
    ),
    "cannot look": (
        "**How to read it.** That is not to say that clients are all alike: there was too little "
        "to look at.\n\n"
        "**What to do about it.** Mark the attributes that describe your clients `case_mix` in the "
        "settings, or name them in `using` under [segments]."
    ),
    "sure": (
        "**How to read it.** *Sure* counts the people whose membership has a likelihood of 80% or "
        "more. The others lie between segments. Where fewer than three in four are sure, use the "
        "segments for talking, not for counting."
    ),
    "traits": (
        "**How to read it.** A share of the segment and of everyone, or a mean of both. Read along "
        "the row: the segment is named for what differs, not for what most of its people have."
    ),
    "stability": (
        "**For those who want the numbers.** *Agreement* says how alike the segments of two halves "
        "of the people are (adjusted Rand index: 1 the same, 0 as by chance); *expected* is what "
        "data without segments give, *highest expected* the most they gave."
    ),
    "moved": (
        "**How to read it.** Segments are matched with those of the period before by the people in "
        "both, and keep their numbers. People move because more became known of them, or because "
        "they lie between two segments."
    ),
}


def not_to_be_done() -> str:
    """What must not be done with segments, as a list."""
    return "\n".join(f"- {each}" for each in NOT_TO_BE_DONE)
