"""Serving notebooks as the staff page: who is signed in, for how long, and nothing from elsewhere.

Bokeh's server with Panel's handlers. Panel's own start (`pn.serve`) is not used: it adds an address
that imports modules by name for whoever asks, and its password file holds the passwords themselves.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import panel as pn
from bokeh.document import Document
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS
from bokeh.server.urls import per_app_patterns
from bokeh.settings import settings as bokeh_settings
from markupsafe import escape
from panel.io.application import Application
from panel.io.handlers import NotebookHandler
from panel.io.resources import _env
from panel.io.server import DocHandler, Server, WSHandler
from panel.io.state import set_curdoc, state
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import GZipContentEncoding

from workbench import viewing
from workbench.errors import AccessError, SettingsError, WorkbenchError
from workbench.reporting.page import title_of
from workbench.reporting.run import notebooks
from workbench.settings import Settings
from workbench.settings.staff import HERE
from workbench.staff import audit, folder
from workbench.staff.headers import Headers
from workbench.staff.sessions import Sessions
from workbench.staff.signing_in import COOKIE, Door, Home, Provider
from workbench.words import staff as words

PAGES = tuple(words.PAGE_NAMES)
TOKEN_SECONDS = 120  # from the page to its connection
LARGEST_MESSAGE = 2**20
_TEMPLATE = _env.from_string((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
KEEP_SECONDS = 30  # then the export is looked at again, and whether each login still may
log = logging.getLogger("workbench.staff")
ENDED = 4401  # why a connection was closed: signed out


@dataclass(frozen=True)
class Served:
    """A server that listens: its Bokeh server, and where it is found."""

    server: Server
    address: str
    door: Door

    def run(self) -> None:
        """Serve until stopped."""
        self.server.run_until_shutdown()


class Page(NotebookHandler):
    """A notebook that is run anew in each session, for whoever signed in, and noted."""

    def __init__(self, path: Path, title: str, chrome: Mapping[str, Any]) -> None:
        super().__init__(filename=str(path))
        self._name, self._title, self._chrome = path.stem, title, chrome

    def modify_document(self, doc: Document) -> None:
        """Run the notebook; what goes wrong is told without a word of what it was about."""
        doc.title = self._title
        doc.js_on_event(ConnectionLost, CustomJS(code="window.location.reload()"))
        state._cell_outputs.clear()  # of a run that was cut off: they would be shown here
        with set_curdoc(doc):
            try:
                audit.opened(self._name)
            except AccessError as problem:
                _say(doc, str(problem))
            else:
                super().modify_document(doc)
                if self.failed:
                    doc.clear()
                    _say(doc, words.BROKEN)
            if doc not in state._templates:
                doc.template = _TEMPLATE
                doc.template_variables.update(self._chrome, page=self._name)

    def _render_template(self, doc: Document, path: str) -> None:  # noqa: ARG002  Panel's
        """The outputs of a notebook that shows no page of its own: one below the other."""
        for outputs in state._cell_outputs.values():
            for each in outputs:
                if each is not None:
                    pn.panel(each, sizing_mode="stretch_width").servable()


class Socket(WSHandler):
    """The connection of an open page; it ends with the session."""

    live: ClassVar[set["Socket"]] = set()
    origins: ClassVar[frozenset[str]] = frozenset()
    sessions: ClassVar[Sessions]

    def check_origin(self, origin: str) -> bool:
        """Only from the addresses that are served, whatever the environment says."""
        return origin.lower() in self.origins

    async def prepare(self) -> None:
        """Refuse before anything else; Tornado takes a host's word for what its own address is."""
        if self.check_origin(self.request.headers.get("Origin", "")):
            await super().prepare()
        else:
            self.set_status(403)
            self.finish()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin to listen."""
        self.live.add(self)
        super().open(*args, **kwargs)

    async def on_message(self, fragment: str | bytes) -> None:
        """What somebody does on the page keeps the session going, while it lasts."""
        if self.sessions.touch(self.current_user):
            await super().on_message(fragment)
        else:
            self.close(ENDED, "signed out")

    def on_close(self) -> None:
        """Forget it."""
        self.live.discard(self)
        super().on_close()

    @classmethod
    def end_those_signed_out(cls) -> None:
        """Close the connections whose session has ended."""
        for each in list(cls.live):
            if not cls.sessions.login(each.current_user):
                each.close(ENDED, "signed out")


def start(settings: Settings, port: int | None = None, pages: Sequence[Path] = ()) -> Served:
    """Make a server that listens; `run` serves. Once in a process, for it changes what may be seen.

    `pages`: notebooks; by default those of the staff page that there are.
    Raises SettingsError or DataError where the export cannot be served, WorkbenchError where the
    port is taken.
    """
    known = notebooks() if not pages else {}
    paths = list(pages) or [known[each] for each in PAGES if each in known]
    door = _door(settings, tuple(f"/{each.stem}" for each in paths))
    viewing.serving(partial(_login, door), settings)
    listens = settings.staff.port if port is None else port
    titles = {each.stem: title_of(each) for each in paths}
    names = {each: words.PAGE_NAMES.get(each, title) for each, title in titles.items()}
    chrome = {"pages": names, "organisation": settings.organisation.name, "words": words}
    applications = {
        f"/{each.stem}": Application(Page(each, titles[each.stem], chrome)) for each in paths
    }
    server = _server(applications, settings, door, listens)
    origins = settings.staff.origins or tuple(f"http://{each}:{server.port}" for each in HERE[:2])
    _admit(server, door, origins)
    return Served(server, origins[0], door)


def _door(settings: Settings, pages: tuple[str, ...]) -> Door:
    staff = settings.staff
    return Door(
        settings=settings,
        sessions=Sessions(staff.idle_minutes * 60, staff.longest_hours * 3600),
        secret=folder.secret(folder.private(settings) / "cookie.key"),
        pages=pages,
        secure=bool(staff.origins) and all(each.startswith("https:") for each in staff.origins),
    )


def _login(door: Door) -> str:
    """Who is signed in, in the present session: from the signed cookie of its request alone."""
    return door.sessions.login(door.read(state.cookies.get(COOKIE)))


def _server(
    applications: Mapping[str, Application], settings: Settings, door: Door, port: int
) -> Server:
    """Bokeh's server, with nothing that is not needed: no list, no embedding, no data about it."""
    per_app_patterns[:] = [(r"/ws", Socket), (r"/?", DocHandler)]
    bokeh_settings.resources = "server"
    if settings.staff.oauth.provider:
        _with_organisation(settings)
    key = folder.secret(folder.private(settings) / "session.key").encode()
    try:
        return Server(
            dict(applications),
            port=port,
            address=settings.staff.address,
            io_loop=IOLoop.current(),
            auth_provider=Provider(door),
            extra_patterns=[(r"/", Home)],
            use_index=False,
            use_xheaders=settings.staff.behind_proxy,
            secret_key=key,
            sign_sessions=True,
            session_token_expiration=TOKEN_SECONDS,
            include_cookies=[COOKIE],
            include_headers=[],
            websocket_max_message_size=LARGEST_MESSAGE,
            http_server_kwargs={"max_body_size": LARGEST_MESSAGE},
            cookie_secret=door.secret,
            xsrf_cookies=True,
            xsrf_cookie_kwargs={"httponly": True, "secure": door.secure, "samesite": "Lax"},
            ico_path="none",
            transforms=[],
        )
    except OSError as problem:
        raise WorkbenchError(words.no_port(port, problem.strerror)) from None


def _admit(server: Server, door: Door, origins: Sequence[str]) -> None:
    """Let pages be opened at these addresses, and look after the sessions while it runs."""
    allowed = [each.rstrip("/").lower() for each in origins]
    Socket.origins, Socket.sessions = frozenset(allowed), door.sessions
    hosts = [urlsplit(each).netloc for each in allowed]
    transforms: list[Any] = [partial(Headers, hosts=hosts), GZipContentEncoding]
    server._tornado.transforms = transforms
    ended = PeriodicCallback(Socket.end_those_signed_out, 1000)
    valid = PeriodicCallback(partial(keep, door), KEEP_SECONDS * 1000)
    for each in (ended, valid):
        each.start()


async def keep(door: Door) -> None:
    """Load the export again if it has changed, and end the sessions of who may see it no more.

    Where it cannot be read, perhaps because it is just being written, what there was is served on.
    """
    loop = IOLoop.current()
    try:
        await loop.run_in_executor(door.checking, viewing.refresh)
    except (WorkbenchError, OSError):
        log.warning("%s", words.NOT_READ_AGAIN)
    await loop.run_in_executor(door.checking, door.sessions.keep, door.valid)


def _with_organisation(settings: Settings) -> None:
    """Panel's settings for a provider; the secret comes from the environment."""
    oauth = settings.staff.oauth
    secret = os.environ.get(oauth.secret_variable, "")
    if not secret or not settings.staff.origins:
        raise SettingsError(words.no_oauth(oauth.secret_variable))
    given = {
        "oauth_provider": oauth.provider,
        "oauth_key": oauth.key,
        "oauth_secret": secret,
        "oauth_redirect_uri": f"{settings.staff.origins[0].rstrip('/')}/login",
        "oauth_extra_params": {
            "azure": {"tenant": oauth.tenant},
            "google": {"hd": oauth.domain},
            "okta": {"url": oauth.domain},
        }[oauth.provider],
    }
    for name, value in given.items():
        setattr(pn.config, name, value)


def _say(doc: Document, sentence: str) -> None:
    """A page that holds one sentence."""
    pane = pn.pane.HTML(f'<p role="alert">{escape(sentence)}</p>', sizing_mode="stretch_width")
    pane.server_doc(doc)
