"""What is said of a report that does not pass the proof: which rule, and where; never the value."""

RULES = {
    "identifier": "it holds somebody's id that is not its reader's to see",
    "parameters": "it was made with other parameters than its own",
    "same figure": "it shows the same figure as another reader's report",
    "small number": "it shows numbers that its protection does not allow",
    "left out": "its notebook shows something that was not protected",
    "files": "its page or workbook is not what its notebook shows",
    "difference": "its numbers, set against another release, tell about a few people",
}
ADVICE = {
    "identifier": "Look in the notebook for a table or text that names people, or for data opened "
    "for somebody else.",
    "parameters": "Make it again with --force; if it stays, the notebook overwrites a parameter.",
    "same figure": "Look in the notebook for data that are not opened for its reader.",
    "small number": "Pass the table through disclosure.protect() as the last step.",
    "left out": "Show it with display.Table, display.Text or a chart, or do not show it.",
    "files": "Make it again with --force.",
    "difference": "Publish by quarter, or leave the smaller table out.",
}


def withheld(rule: str, report: str, where: str) -> str:
    """Why a report was withheld, and what to do."""
    return f"{report} was withheld: {RULES[rule]} ({where}). {ADVICE[rule]}"
