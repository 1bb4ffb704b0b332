"""Charts as drawings in a page: for a screen and for a phone, each point telling its number."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from workbench import charts
from workbench.display import CHART_TYPE, DRAWING_TYPE

SVG = "http://www.w3.org/2000/svg"
_TELLING = {"point", "bar", "rect mark"}  # marks that say their number when pointed at
_UNUSED = {"role", "aria-label", "aria-roledescription", "aria-hidden", "class"}


def draw(notebook: Mapping[str, Any]) -> None:
    """Draw the charts of an executed notebook that were left to be drawn later, in place."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if CHART_TYPE in data and DRAWING_TYPE not in data:
                data[DRAWING_TYPE] = charts.draw(data[CHART_TYPE])


def drawings(spec: Mapping[str, Any], wide: str = "") -> tuple[Markup, Markup]:
    """A chart drawn twice, for a screen and for a phone, with its description as text to read.

    `wide`: the drawing for a screen, where it is there already.
    """
    about = str(spec.get("description", ""))
    narrow = charts.draw(spec, charts.NARROW)
    return told(wide or charts.draw(spec, charts.WIDE), about), told(narrow, about)


def told(drawing: str, about: str) -> Markup:
    """A drawing as a page shows it: with its description, each mark with its number."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(drawing)  # noqa: S314 - drawn by ourselves
    for mark in root.iter():
        _tell(mark)
        for name in _UNUSED & set(mark.attrib):
            del mark.attrib[name]
    root.set("role", "img")
    root.set("aria-label", about)
    drawn = ElementTree.tostring(root, encoding="unicode").replace(f' xmlns="{SVG}"', "", 1)
    return Markup(drawn)  # noqa: S704 - escaped by XML


def _tell(mark: ElementTree.Element) -> None:
    """Give a mark the title that browsers show when it is pointed at."""
    said = mark.get("aria-label")
    if said and mark.get("aria-roledescription") in _TELLING:
        title = ElementTree.Element(f"{{{SVG}}}title")
        title.text = said
        mark.insert(0, title)
