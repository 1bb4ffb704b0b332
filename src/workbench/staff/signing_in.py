"""Signing in and out: the form, the waits, the cookie, and the accounts of an organisation."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import Morsel
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from bokeh.server.auth_provider import AuthProvider
from bokeh.util.token import get_token_payload
from markupsafe import Markup
from panel.auth import AUTH_PROVIDERS
from panel.util import decode_token
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler, decode_signed_value
from tornado.websocket import WebSocketHandler

from workbench import viewing
from workbench.settings import Settings
from workbench.staff import accounts, audit
from workbench.staff.attempts import Attempts
from workbench.staff.sessions import Sessions
from workbench.words import staff as words

COOKIE = "user"  # the name under which Panel looks for it
MOST_WAITING = 40  # passwords that wait to be looked at; each takes a tenth of a second
_PAGE = jinja2.Environment(autoescape=True).from_string(
    (Path(__file__).parent / "sign_in.html").read_text(encoding="utf-8")
)


@dataclass
class Door:
    """What signing in needs, once for a server."""

    settings: Settings
    sessions: Sessions
    secret: str
    pages: tuple[str, ...]
    secure: bool
    attempts: Attempts = field(default_factory=Attempts)
    checking: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    waiting: int = 0

    def key(self, handler: RequestHandler) -> str:
        """The key in the cookie of a request; "" where there is none or it was not signed here."""
        morsel: Morsel[str] | None = handler.request.cookies.get(COOKIE)
        return self.read(morsel.value if morsel else None)

    def read(self, cookie: str | None) -> str:
        """The key in a signed cookie; "" where it was not signed here or is too old."""
        found = decode_signed_value(self.secret, COOKIE, cookie or "", max_age_days=1)
        return found.decode("ascii", "replace") if found else ""

    def cookie_options(self) -> dict[str, Any]:
        """Kept until the browser is closed, for this host alone, out of reach of scripts."""
        return {"expires_days": None, "httponly": True, "secure": self.secure, "samesite": "Lax"}

    def admit(self, handler: RequestHandler, login: str) -> None:
        """Begin a session, under a new key, for a login that was checked."""
        self.sessions.end(self.key(handler))
        key = self.sessions.begin(login, self.proof(login))
        RequestHandler.set_signed_cookie(handler, COOKIE, key, **self.cookie_options())
        audit.signed(self.settings, login, "signed in")

    def proof(self, login: str) -> str:
        """What a session of a login hangs on besides the records: its password, as it is kept."""
        own = not self.settings.staff.oauth.provider
        return accounts.proof(self.settings, login) if own else "oauth"

    def valid(self, login: str, proof: str) -> bool:
        """Whether a session may go on."""
        return bool(proof) and proof == self.proof(login) and viewing.admitted(login)

    def refuse(self, login: str, what: str) -> None:
        """Note a refusal; what was typed as a login is kept only if it is one."""
        known = bool(self.proof(login))
        audit.signed(self.settings, login if known else "", what)

    def next(self, wanted: str) -> str:
        """Where to go after signing in: one of the pages, with its question, else the first."""
        parts = urlsplit(wanted)
        here = not parts.scheme and not parts.netloc and parts.path in self.pages
        return wanted if here and "\\" not in wanted else self.pages[0]


def door_of(handler: RequestHandler) -> Door:
    """The door of the server that a request came to."""
    application: Any = handler.application
    door: Door = application.auth_provider.door
    return door


class _Handler(RequestHandler):
    """A page around signing in."""

    def initialize(self, door: Door | None = None) -> None:
        self.door = door or door_of(self)

    def show(self, title: str, status: int = 200, **shown: Any) -> None:
        """Write the page, without any chance to write markup into it."""
        self.set_status(status)
        given = {"problem": "", "form": False, "next": "", "login": "", "xsrf": "", **shown}
        organisation = self.door.settings.organisation.name
        self.finish(_PAGE.render(title=title, organisation=organisation, words=words, **given))


class SignIn(_Handler):
    """The form, and what becomes of it."""

    def get(self) -> None:
        """Show the form; the way back is kept in it."""
        self._form("", self.get_query_argument("next", ""))

    async def post(self) -> None:
        """Look at login and password, unless too many were wrong before."""
        door = self.door
        login = accounts.same(self.get_body_argument("login", ""))
        password = self.get_body_argument("password", "", strip=False)
        address, wanted = self.request.remote_ip or "", self.get_body_argument("next", "")
        if wait := door.attempts.begin(login, address):
            door.refuse(login, "refused: waiting")
            return self._form(words.locked(wait), wanted, 429, login)
        if door.waiting >= MOST_WAITING:
            return self._form(words.BUSY, wanted, 503, login)
        door.waiting += 1
        try:
            right, seen = await IOLoop.current().run_in_executor(
                door.checking, _checked, door.settings, login, password
            )
        finally:
            door.waiting -= 1
        if not right:
            door.refuse(login, "refused: wrong password")
            wait = door.attempts.wait(login, address)
            problem = words.WRONG_SIGN_IN + (f" {words.locked(wait)}" if wait else "")
            return self._form(problem, wanted, 401, login)
        door.attempts.passed(login, address)
        if not seen:
            door.refuse(login, "refused: no access")
            return self._form(words.NO_ACCESS, wanted, 403, login)
        door.admit(self, login)
        return self.redirect(door.next(wanted))

    def write_error(self, status_code: int, **_: Any) -> None:
        """A form whose XSRF mark does not fit is shown again."""
        self._form(words.STALE_FORM if status_code == 403 else words.BROKEN, "", status_code)

    def _form(self, problem: str, wanted: str, status: int = 200, login: str = "") -> None:
        self.show(
            words.SIGN_IN,
            status,
            problem=problem,
            form=True,
            next=self.door.next(wanted),
            login=login,
            xsrf=Markup(self.xsrf_form_html()),  # noqa: S704  Tornado's own hidden field
        )


class SignOut(_Handler):
    """Ends the session here, whatever the browser keeps."""

    def get(self) -> None:
        """Sign out; no other site can, for the cookie is not sent from there in the background."""
        if login := self.door.sessions.end(self.door.key(self)):
            audit.signed(self.door.settings, login, "signed out")
        self.clear_cookie(COOKIE)
        self.show(words.SIGNED_OUT)


class Home(_Handler):
    """The address without a page: the first page."""

    def get(self) -> None:
        """Go to the first page; who is not signed in is asked to on the way."""
        self.redirect(self.door.pages[0])


class Provider(AuthProvider):
    """Tells Bokeh who is signed in; without a session no page and no connection is given."""

    def __init__(self, door: Door) -> None:
        self.door = door
        super().__init__()

    @property
    def get_user(self) -> Any:
        """The function that Bokeh asks at each request: the session's key, None without."""
        return self._key

    def _key(self, handler: RequestHandler) -> str | None:
        key = self.door.key(handler)
        if isinstance(handler, WebSocketHandler):
            held = self.door.sessions.login(key) and self._of_page(handler) == key
            return key if held else None
        return key if self.door.sessions.touch(key) else None

    def _of_page(self, handler: RequestHandler) -> str:
        """Whose page it was that opens a connection: a token of another's page is refused."""
        try:
            token = handler.request.headers["Sec-WebSocket-Protocol"].split(",")[1].strip()
            return self.door.read(get_token_payload(token)["cookies"][COOKIE])
        except (KeyError, IndexError, ValueError):
            return ""

    @property
    def get_user_async(self) -> None:
        """Not used: who is signed in is known at once."""

    @property
    def login_url(self) -> str:
        """Where to sign in."""
        return "/login"

    @property
    def get_login_url(self) -> None:
        """Not used: there is one place to sign in."""

    @property
    def login_handler(self) -> type[RequestHandler]:
        """The form, or the organisation's own accounts."""
        oauth = self.door.settings.staff.oauth
        return organisations(oauth.provider) if oauth.provider else SignIn

    @property
    def logout_url(self) -> str:
        """Where to sign out."""
        return "/logout"

    @property
    def logout_handler(self) -> type[RequestHandler]:
        """Ends the session."""
        return SignOut


def organisations(provider: str) -> type[RequestHandler]:
    """Panel's own sign-in with a provider, which ends in a session of ours and keeps no token."""
    panels: Any = AUTH_PROVIDERS[provider]

    class Organisation(panels):
        """Signs in whoever the provider vouches for, if the records know them."""

        _claims: dict[str, Any] = {}  # noqa: RUF012  set for each request, never changed

        def set_secure_cookie(self, name: str, value: str | bytes, **options: Any) -> None:
            """Keep the provider's state for the way back; of the answer only who it names."""
            if name == "id_token":
                self._claims = _claims(value)
            elif name.startswith("panel-oauth-"):
                kept = {
                    **options,
                    "secure": door_of(self).secure,
                    "samesite": "Lax",
                    "expires_days": None,
                }
                super().set_signed_cookie(name, value, **kept)

        async def get_authenticated_user(self, *args: Any, **options: Any) -> Any:
            """Ask Panel who it is, and admit them."""
            user = await super().get_authenticated_user(*args, **options)
            if options.get("code"):
                door = door_of(self)
                login = accounts.same(str(user or ""))
                vouched = _vouched(self._claims, door.settings)
                if not login or not vouched or not viewing.admitted(login):
                    audit.signed(door.settings, "", "refused: no access")
                    raise HTTPError(403, words.NO_ACCESS, reason="no access")
                door.admit(self, login)
            return user

    return Organisation


def _claims(token: str | bytes) -> dict[str, Any]:
    """What a provider says of a person, from its own token or Panel's way of keeping it."""
    text = token.decode() if isinstance(token, bytes) else token
    found = decode_token(text) if text.count(".") == 2 else json.loads(_unpadded(text))
    return found if isinstance(found, dict) else {}


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _vouched(claims: dict[str, Any], settings: Settings) -> bool:
    """Whether the provider vouches for the e-mail as one of this organisation's."""
    oauth = settings.staff.oauth
    if claims.get("email_verified") is False:
        return False
    return oauth.provider != "google" or claims.get("hd") == oauth.domain


def _checked(settings: Settings, login: str, password: str) -> tuple[bool, bool]:
    """Whether the password is right, and whether the login may see anything."""
    right = accounts.check(settings, login, password)
    return right, right and viewing.admitted(login)
