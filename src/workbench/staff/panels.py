"""The staff pages as Panel shows them: the only place of a page that knows widgets.

Native form elements with their labels, in the order in which they are read; what is shown is HTML
that was escaped where it was written.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

import panel as pn
from markupsafe import escape

from workbench import viewing
from workbench.errors import WorkbenchError
from workbench.staff import asking, audit, calls, listing, printing
from workbench.staff.asking import Asked
from workbench.staff.remembering import held
from workbench.store import Workspace
from workbench.words import asking as said
from workbench.words import client_summary as in_summary

STYLE = (Path(__file__).parent / "templates" / "pages.css").read_text(encoding="utf-8")
WIDTH: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}

# What a screen reader is told when the answer changes: its sentence, and nothing of the rest.
ANNOUNCE = """
const text = new DOMParser().parseFromString(cb_obj.text, "text/html").documentElement.textContent
const said = new DOMParser().parseFromString(text, "text/html").querySelector(".sentence, .said")
let place = document.getElementById("wb-said")
if (!place) {
  place = document.createElement("p")
  place.id = "wb-said"
  place.setAttribute("role", "status")
  place.style.cssText =
    "position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)"
  document.querySelector("main").append(place)
}
setTimeout(() => { place.textContent = said ? said.textContent : "" }, 100)
"""


def ask(opened: Workspace, first: Asked) -> pn.Column:
    """The page on which staff ask about their clients, served to whoever signed in."""
    data = held(opened)
    can = asking.offer(data, first)
    asked = asking.read(_link(), data, can)
    answer = html("")
    choices = {
        "who": _select(said.WHO, asked.who, groups=can.who),
        "group": _select(said.GROUP, asked.group, groups=asking.with_asked(can, asked)),
        "outcome": _select(said.OUTCOME, asked.outcome, options=can.outcome[said.WHOLE]),
    }

    def chosen() -> Asked:
        who, group, outcome = (str(each.value) for each in choices.values())
        return Asked(who, group, outcome)

    def show(now: Asked) -> None:
        answer.object = asking.shown(data, now).html
        audit.asked(data, "compare_my_clients", now.parts)

    def changed(*_: Any) -> None:
        now = chosen()
        if pn.state.location is not None:
            pn.state.location.search = f"?{urlencode(now.parts)}"
        show(now)

    show(asked)
    if pn.state.curdoc is not None:
        pn.state.curdoc.add_next_tick_callback(partial(asking.prepare, data, can))
    answer.jscallback(text=ANNOUNCE)
    for each in choices.values():
        each.param.watch(changed, "value")
    return column(
        html(asking.heading(data, asked)),
        pn.Column(*choices.values(), css_classes=["choices"], stylesheets=[STYLE], **WIDTH),
        answer,
        *_ask_analyst(data, lambda: chosen().parts),
        html(f'<p class="hint">{said.HOW}</p>'),
    )


def column(*parts: Any) -> pn.Column:
    """A page, its parts one below the other, served to the present session."""
    made = pn.Column(*parts, css_classes=["page"], stylesheets=[STYLE], **WIDTH)
    made.servable()
    return made


def html(text: str, **more: Any) -> pn.pane.HTML:
    """A part of a page that is only read."""
    return pn.pane.HTML(str(text), disable_math=True, stylesheets=[STYLE], **WIDTH, **more)


def button(label: str, pressed: Callable[..., None], **more: Any) -> pn.widgets.Button:
    """A button that is large enough for a thumb."""
    made = pn.widgets.Button(name=label, stylesheets=[STYLE], **{**WIDTH, **more})
    made.on_click(pressed)
    return made


def _ask_analyst(data: Workspace, question: Callable[[], Mapping[str, str]]) -> tuple[Any, ...]:
    """A box for words and a button that passes the question on."""
    words = pn.widgets.TextAreaInput(
        name=said.ASK_LABEL, max_length=audit.LONGEST_WORDS, rows=3, stylesheets=[STYLE], **WIDTH
    )
    told = html("")
    told.jscallback(text=ANNOUNCE)

    def send(*_: Any) -> None:
        try:
            sent = audit.ask_analyst(data, "compare_my_clients", question(), str(words.value or ""))
        except WorkbenchError:
            sent = False
        told.object = f'<p class="said">{said.SENT if sent else said.NOT_SENT}</p>'
        words.value = "" if sent else words.value

    heading = html(f"<h2>{said.ASK}</h2><p>{said.ASK_HINT}</p>")
    press = button(said.ASK_BUTTON, send, button_type="primary", sizing_mode=None)
    return heading, words, press, told


def _select(label: str, value: str, **choices: Any) -> pn.widgets.Select:
    return pn.widgets.Select(name=label, value=value, stylesheets=[STYLE], **WIDTH, **choices)


def _link() -> Mapping[str, Any]:
    """What the address of the page asks, as it was sent."""
    return {str(name): values for name, values in (pn.state.session_args or {}).items()}


def print_out(opened: Workspace) -> pn.Column:
    """The page of one client's summary, with a button that prints it."""
    data = held(opened)
    text, is_summary = printing.shown(data, _link())
    audit.asked(data, "client_summary", {"shown": "a summary" if is_summary else "the list"})
    if not is_summary:
        return column(html(text))
    back = html(f'<p><a class="link" href="client_summary">{in_summary.BACK}</a></p>')
    press = pn.widgets.Button(
        name=in_summary.PRINT, button_type="primary", stylesheets=[STYLE], margin=0
    )
    press.js_on_click(code="window.print()")
    tools = pn.Column(press, back, css_classes=["tools"], stylesheets=[STYLE], **WIDTH)
    return column(tools, html(text))


def call(opened: Workspace) -> pn.Column:
    """The page of a caseload: whom to call, with two buttons each; all clients; what is overdue."""
    viewer = viewing.present()
    if not viewer.own:
        return column(html(f"<h1>{said.LIST_TITLE}</h1><p>{said.ONLY_HOLDERS}</p>"))
    data = held(opened)
    found = listing.listed(data, viewer.whom)
    audit.asked(data, "caseload", {})
    people = [_to_call(data, each) for each in found.calls]
    return column(html(listing.heading(found)), *people, html(listing.rest(found)))


def _to_call(data: Workspace, call: listing.Call) -> pn.Column:
    """One client to call, and two buttons that note how it went."""
    told = html("")
    told.jscallback(text=ANNOUNCE)

    def note(result: calls.Result, *_: Any) -> None:
        try:
            calls.note(data, call.enrolment, result)
        except WorkbenchError:
            told.object = f'<p class="said">{said.NOT_NOTED}</p>'
        else:
            told.object = f'<p class="said">{escape(said.noted(call.client, result))}</p>'

    buttons = [
        button(said.button(call.client, result), partial(note, result), css_classes=["small"])
        for result in get_args(calls.Result)
    ]
    row = pn.Column(*buttons, css_classes=["pair"], stylesheets=[STYLE], **WIDTH)
    return pn.Column(
        html(listing.one(call)), row, told, css_classes=["call"], stylesheets=[STYLE], **WIDTH
    )
