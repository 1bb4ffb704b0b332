"""How to read the charts and tables of the three questions: shown only where there is something."""

NOTHING = "There is nothing to show here, for the reason given at the top of this page."

SWEET_SPOT = {
    "curve": (
        "**What it shows.** The line is the share who reached the outcome later, for people of "
        "average case mix who were seen so many times a week; the band is where the true line "
        "probably lies (95%). It covers the middle nine tenths of people. The bars under it say "
        "how many people were seen so often. Shaded: every frequency that may be as good as the "
        "best. Where the shading reaches the end of the line, more was not seen to be worse.\n\n"
        "**How to read it.** Look at the shaded range, not at the highest point: within the range "
        "the data cannot tell one frequency from another. Nothing shaded: nothing is claimed. "
        "Where the bars are low, the line rests on few people.\n\n"
        "**What to do about it.** Compare the range with what people are offered now. A range is a "
        "reason to look at those who are seen much less or much more, one by one.\n\n"
        "**What it cannot tell you.** Whether seeing somebody more often would change anything for "
        "them. People in trouble are often seen more, and people who are doing well less. What is "
        "not recorded cannot be allowed for."
    ),
    "no curve": (
        "**How to read it.** No line is drawn, because these records cannot tell how outcomes go "
        "with contact. The bars say how many people were seen how often, as far as contacts were "
        "written down."
    ),
    "bands": (
        "**How to read it.** Each bar has its range (95%). Overlapping ranges may differ by chance "
        "alone, and with several bars the best is often one in the middle, even where nothing lies "
        "behind it: picking the best bar is how a wrong rule is born. That is why a verdict needs "
        "a rise and a fall that are each clear. A bar from 2 to 3 ends just before 3; a band set "
        "down beforehand takes in both its ends, so its share can be a little different.\n\n"
        "**What it cannot tell you.** These bars are adjusted for nothing."
    ),
    "other count": (
        "A missed appointment was offered all the same, and a crisis changes what is kept. So the "
        "verdict rests on contacts as the settings count them (by default those offered), and the "
        "other count stands here beside it. Where the two disagree, trust neither."
    ),
    "groups": (
        "**How to read it.** *Cannot tell* in a group is most often a matter of numbers: a group "
        "of 150 people shows only a steep rise and fall. It does not mean that the group is "
        "different. *Sweet spot* is short for: some number of contacts in between came out best. "
        "*More is better* is short for: those seen more came out better, and for nothing beyond "
        "that. A range that ends in *or more* means that nothing shows more to be worse."
    ),
    "tests": (
        "**For those who want the numbers.** The verdict rests on the first row (*two-lines*, "
        "Simonsohn 2018: a rise and a fall of 2 standard errors or more each) and on the curve "
        "falling on both sides. The second (*U-test*, Lind and Mehlum 2010) is a test of the "
        "quadratic: it is here because some readers expect it, and decides nothing."
    ),
    "dropped": (
        "**How to read it.** *Had left by then* is the price of a fair question: those who left in "
        "the first weeks can have had few contacts only, and an outcome seldom. If they are many, "
        "ask about them by themselves: the report on who stays is where to begin."
    ),
}
OTHER_COUNT = {
    True: "**Counting contacts that were kept only.** ",
    False: "**Counting contacts that were offered, kept or missed.** ",
}

COMPARISON = {
    "asked": (
        "A client counts once, with the first stay that is long enough ago to know how it came "
        "out. Where the question is about something that starts *after* the client's start, such "
        "as a support, groups are formed on one day of the stay (day 56 unless the settings say "
        'otherwise): had it by then, or not by then. Only outcomes after that day count. "Ever had '
        'it" against "never had it" would find a difference where there is none, because those who '
        "stay long have more time for everything."
    ),
    "counts": (
        "**What it shows.** Each bar is the share of a group that has the outcome on record, of "
        "those whose outcome is known; the line through its end is the range in which the true "
        "share probably lies (95%).\n\n"
        "**How to read it.** *Not known* is neither success nor failure, so it is in no share; *of "
        "all* counts it in, and is the lowest the share can be. When more than one in ten outcomes "
        "is not known, or one group has 5 points more of them than the other, no verdict is given, "
        "only how far the missing ones could move the difference.\n\n"
        "**What to do about it.** Look at *not known* first. If it is large, find those outcomes "
        "before comparing anything.\n\n"
        "**What it cannot tell you.** Two ranges that overlap can still belong to groups that "
        "differ, and the other way round with many workers behind them: the next table is the one "
        "to go by."
    ),
    "difference": (
        "**How to read it.** *Lower* and *upper* are the ends of the range in which the true "
        "difference probably lies (95%). Where both have the same sign, the difference is hardly "
        "chance. Where the adjusted row is there, the answer rests on it. Where the answer is "
        "*too different to compare*, what was counted is no verdict. No number: one behind it is "
        "too small to be shown.\n\n"
        "**What to do about it.** A difference that shrinks much once it is adjusted was mostly "
        "about who the people are. One that stays is a reason to talk to those who work there and "
        "to the clients (questions below), not yet a reason to change anything.\n\n"
        "**What it cannot tell you.** Why. Only what is on record can be adjusted for; where a "
        "note says what it would take to account for the difference, it says how strong something "
        "unrecorded would have to be."
    ),
    "balance": (
        "**What it shows.** For each kind of case mix, how far apart the two groups are: hollow as "
        "they came, filled after those of one group were weighed so that they are like the other. "
        "0 is alike; the unit is one standard deviation.\n\n"
        "**How to read it.** Filled marks should lie left of the broken line at 0.1. Where they do "
        "not, or where hardly anybody in one group is like those in the other, the answer is *too "
        "different to compare*, and no verdict is given. Only hollow marks: the groups were not "
        "weighed, because there were too few outcomes.\n\n"
        "**What to do about it.** What stands far out before weighing is how these groups differed "
        "from the beginning. Where the groups are about a support, it is who gets it, whether "
        "anybody meant it so or not. Is that what you intend?\n\n"
        "**What it cannot tell you.** Whether they were alike in what nobody wrote down: hope, "
        "family, luck."
    ),
    "no balance": (
        "Nothing to show: no case mix was recorded, or these clients are all alike in it, or a "
        "group is too small to be shown."
    ),
    "dropped": (
        "**How to read it.** Each stay is counted with the first reason that applies. Who had left "
        "by the day on which groups are formed, or had the outcome on record by then, cannot be "
        "compared after it. Who started too recently will be in later reports.\n\n"
        "**What to do about it.** If many are left out because they had left by then, ask the "
        'question again with an earlier day ("received residential support by day 28"), and say '
        "that you did.\n\n"
        "**What it cannot tell you.** Whether those left out would have come out as the others did."
    ),
    "nobody dropped": "Every stay is in the comparison.",
    "no parts": "Clients cannot be told apart by anything else, so there is nothing to ask.",
    "parts": (
        "**How to read it.** The more comparisons, the more of them look like a difference by "
        "chance: with twenty, one. So *higher* and *lower* stand only where the difference is "
        "still there after allowing for the number of comparisons that were made (Holm), which "
        "stands under the table. The range beside it is that of one comparison. *No clear "
        "difference* in a part, where there is one for everyone, is most often a matter of "
        "numbers: a part has fewer clients.\n\n"
        "**What to do about it.** Where one part reads differently from all the others, look first "
        "at who its clients are, then at how it records, and only then at what it does.\n\n"
        "**What it cannot tell you.** Which programme, team or worker is best. They do not have "
        "the same clients."
    ),
}
