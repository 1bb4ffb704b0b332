"""Markdown as safe HTML: nothing in it runs, nothing is fetched, headings come in order."""

import re
from dataclasses import dataclass
from typing import Any

import mistune
from markupsafe import Markup

LOWEST = 6


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its level (the page's own title is 1), its words, its anchor."""

    level: int
    text: str
    anchor: str


class Prose(mistune.HTMLRenderer):
    """The prose of one page; it remembers the headings as they come.

    The first title is left to the page itself. HTML in the text is shown as text, pictures become
    their descriptions, and a level of headings is never skipped.
    """

    def __init__(self) -> None:
        super().__init__(escape=True)
        self.headings: list[Heading] = []
        self._titled = False
        self._read = mistune.create_markdown(renderer=self, plugins=["table", "strikethrough"])

    def html(self, markdown: str) -> Markup:
        """One piece of Markdown as HTML."""
        return Markup(str(self._read(markdown)).strip())  # noqa: S704 - escaped while rendering

    def heading(self, text: str, level: int, **_: Any) -> str:
        """A heading, one level under the one before it at most."""
        if level == 1 and not self._titled:
            self._titled = True
            return ""
        before = self.headings[-1].level if self.headings else 1
        level = min(max(level, 2), before + 1, LOWEST)
        plain = Markup(text).striptags()  # noqa: S704
        taken = {heading.anchor for heading in self.headings}
        anchor = slug(plain)
        while anchor in taken:
            anchor += "-more"
        self.headings.append(Heading(level, plain, anchor))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link within the report; one that leads elsewhere is shown as its text."""
        within = url.startswith("#") or re.fullmatch(r"[\w.-]+\.(html|xlsx)(#[\w-]*)?", url)
        return super().link(text, url, title) if within else text

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        """A picture would be fetched from somewhere: its description stands for it."""
        return text

    def table(self, text: str) -> str:
        """A table that scrolls by itself where the screen is narrow."""
        box = '<div class="scroll" tabindex="0" role="region" aria-label="Table">'
        return f"{box}<table>{text}</table></div>\n"


def slug(text: str) -> str:
    """An anchor for a heading: its words in lower case, joined by dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"
