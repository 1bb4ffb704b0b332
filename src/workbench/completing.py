"""The Tab key inside quotes: names of measures, wherever a notebook writes one."""

import re
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.getipython import get_ipython

OPEN_QUOTE = re.compile(r"""(?:[(,=]|(?<![\w)\]])\[)\s*["']([^"'\\]*)$""")  # of no subscript


def offer() -> None:
    """Have the Tab key of this kernel offer names of measures, once; nothing without a kernel."""
    shell = get_ipython()
    if shell is not None and _names not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(_names)


@context_matcher(identifier="workbench")
def _names(context: CompletionContext) -> Any:
    begun = OPEN_QUOTE.search(context.text_until_cursor)
    part = begun[1] if begun else ""
    found = [name for name in _measures() if name.startswith(part)] if begun else []
    return {
        "completions": [SimpleCompletion(name, type="measure") for name in found],
        "matched_fragment": part,
        "suppress": bool(found and part),  # no files and magics between them
    }


def _measures() -> list[str]:
    """The measures of the workspaces that this kernel holds under a name."""
    shell = get_ipython()
    held = [] if shell is None else list(shell.user_ns.values())
    spoken = [type(each).__name__ == "Workspace" and each.explain.measures for each in held]
    return list(dict.fromkeys(name for names in spoken if names for name in names))
