"""Charts as drawings in a page: for a screen and for a phone, each point telling its number."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from workbench import charts

SVG = "http://www.w3.org/2000/svg"
_TELLING = {"point", "bar", "rect mark"}  # marks that say their number when pointed at
_UNUSED = {"role", "aria-label", "aria-roledescription", "aria-hidden", "class"}


def drawings(spec: Mapping[str, Any]) -> tuple[Markup, Markup]:
    """A chart drawn twice, for a screen and for a phone, with its description as text to read."""
    return _drawing(spec, charts.WIDE), _drawing(spec, charts.NARROW)


def _drawing(spec: Mapping[str, Any], width: int) -> Markup:
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(charts.draw(spec, width))  # noqa: S314 - drawn by ourselves
    for mark in root.iter():
        _tell(mark)
        for name in _UNUSED & set(mark.attrib):
            del mark.attrib[name]
    root.set("role", "img")
    root.set("aria-label", str(spec.get("description", "")))
    drawn = ElementTree.tostring(root, encoding="unicode").replace(f' xmlns="{SVG}"', "", 1)
    return Markup(drawn)  # noqa: S704 - escaped by XML


def _tell(mark: ElementTree.Element) -> None:
    """Give a mark the title that browsers show when it is pointed at."""
    said = mark.get("aria-label")
    if said and mark.get("aria-roledescription") in _TELLING:
        title = ElementTree.Element(f"{{{SVG}}}title")
        title.text = said
        mark.insert(0, title)
