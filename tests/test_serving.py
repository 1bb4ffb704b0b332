"""What the staff page is served with: settings, headers, words, an organisation's own accounts."""

import asyncio
import base64
import json
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from workbench import settings as settings_room
from workbench import viewing
from workbench.cli import app
from workbench.errors import SettingsError, WorkbenchError
from workbench.staff import accounts
from workbench.words import staff as words

pytest.importorskip("panel")

from tornado.httpclient import HTTPResponse
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application, RequestHandler

from workbench.staff import audit, headers, serving, signing_in
from workbench.staff.sessions import Sessions

OAUTH = {"provider": "okta", "key": "our-key", "domain": "example.okta.com"}


def built(**staff):
    return settings_room.build({"staff": staff})


def test_the_defaults_stay_on_this_machine():
    own = built().staff
    assert (own.address, own.origins, own.roles) == ("127.0.0.1", (), {})
    assert built().staff_folder.name == "staff"


@pytest.mark.parametrize(
    ("staff", "told"),
    [
        ({"origins": ["http://ask.example.org"]}, "has to begin with https"),
        ({"origins": ["ask.example.org"]}, "is not an address like"),
        ({"origins": ["https://a.org/page"]}, "is not an address like"),
        ({"roles": {"chief": "everything"}}, "'service'"),
        ({"idle_minutes": 0}, "greater than 0"),
        ({"idle": 5}, "is not a setting"),
        ({"oauth": {"provider": "azure"}}, "the application's id"),
        ({"oauth": {"provider": "azure", "key": "k"}}, "name your own directory"),
        ({"oauth": {"provider": "azure", "key": "k", "tenant": "common"}}, "name your own"),
        ({"oauth": {"provider": "google", "key": "k"}}, "your organisation's own"),
        ({"oauth": {"provider": "somebody"}}, "'azure'"),
        ({"oauth": {"secret": "x"}}, "is not a setting"),
    ],
)
def test_settings_that_would_let_strangers_in_are_refused(staff, told):
    with pytest.raises(SettingsError, match=told):
        built(**staff)


def test_the_policy_names_no_host_but_its_own():
    policy = headers.policy(["ask.example.org"], "once", encrypted=True)
    assert "wss://ask.example.org" in policy and "ws://ask" not in policy.replace("wss://", "")
    assert "http" not in policy and "*" not in policy


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1 seconds"), (30, "30 "), (61, "2 minutes")])
def test_how_long_to_wait_is_told_in_words(seconds, told):
    assert f"Wait {told}" in words.locked(seconds)
    assert "not even the right one" in words.locked(seconds)


def test_the_words_of_accounts():
    assert words.account_added("ann", True) == "ann: may sign in now."
    assert words.account_added("ann", False) == "ann: has a new password."
    assert "signed out within a minute" in words.account_removed("ann")
    assert "--port" in words.no_port(80, "Permission denied")
    assert "SECRET" in words.no_oauth("SECRET")
    assert "missing, has ended, or stands twice" in words.NO_ACCESS


def test_the_links_of_the_page_are_short_and_the_list_comes_first():
    assert [*words.PAGE_NAMES.values()] == ["My list", "Compare", "Summary"]
    assert serving.PAGES == ("caseload", "compare_my_clients", "client_summary")


def test_sessions_end_also_while_the_export_cannot_be_read(monkeypatch, caplog):
    def unreadable():
        raise WorkbenchError("data: /somewhere/private is gone")

    monkeypatch.setattr(viewing, "refresh", unreadable)
    sessions = Sessions(60, 60)
    key = sessions.begin("ann")
    door = SimpleNamespace(checking=None, sessions=sessions, valid=lambda *_: False)
    asyncio.run(serving.keep(door))
    assert not sessions.login(key)
    assert words.NOT_READ_AGAIN in caplog.text and "private" not in caplog.text


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "N", 2**10)
    (tmp_path / "own.toml").write_text("")
    return tmp_path / "own.toml"


def test_accounts_on_the_command_line(file):
    def run(*words, given=""):
        return CliRunner().invoke(app, ["user", *words, "--settings", str(file)], input=given)

    assert "Ann: may" not in run("add", "Ann", given="three words here\n" * 2).output
    made = run("add", "bob", "--made-up").output
    password = made.split("Password: ")[1].split(" ")[0]
    own = settings_room.read(file)
    assert accounts.check(own, "ann", "three words here") and accounts.check(own, "bob", password)
    assert [row.split()[0] for row in run("list").output.splitlines()] == ["ann", "bob"]
    assert "ann: cannot sign in any more" in run("remove", "ann").output
    assert isinstance(run("remove", "ann").exception, WorkbenchError)
    assert isinstance(run("add", "ann", given="short\nshort\n").exception, WorkbenchError)


def test_without_the_extra_it_says_what_to_install(file):
    code = (
        "import sys; sys.modules['panel'] = None; from workbench import cli; "
        f"cli.main(['serve', '--settings', {str(file)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and done.stderr.strip() == words.NOT_INSTALLED


def test_a_provider_without_its_secret_is_refused(monkeypatch):
    monkeypatch.delenv("WORKBENCH_OAUTH_SECRET", raising=False)
    with pytest.raises(SettingsError, match="WORKBENCH_OAUTH_SECRET"):
        serving._with_organisation(built(oauth=OAUTH, origins=["https://ask.example.org"]))


def token(**claims):
    parts = ({"alg": "none"}, claims)
    coded = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts]
    return b".".join([*coded, b"x"]).decode()


@pytest.mark.parametrize(
    ("provider", "claims", "vouched"),
    [
        ("okta", {"email": "ann@example.org"}, True),
        ("okta", {"email_verified": False}, False),
        ("google", {"hd": "example.org", "email_verified": True}, True),
        ("google", {"hd": "elsewhere.org"}, False),
        ("google", {}, False),
    ],
)
def test_a_provider_vouches_only_for_its_own_people(provider, claims, vouched):
    own = built(oauth={**OAUTH, "provider": provider, "domain": "example.org"})
    assert signing_in._vouched(signing_in._claims(token(**claims)), own) is vouched


def test_panels_way_of_keeping_claims_is_read_too():
    kept = base64.urlsafe_b64encode(json.dumps({"hd": "example.org"}).encode()).rstrip(b"=")
    assert signing_in._claims(kept) == {"hd": "example.org"}


class Issue(RequestHandler):
    """The provider's own address: gives a token for a code."""

    def check_xsrf_cookie(self):
        """It is not ours."""

    def post(self):
        assert self.get_body_argument("client_secret") == "our-secret"
        who = self.get_body_argument("code")
        self.write({"access_token": "secret-token", "id_token": token(email=who, sub="1")})


class TestOrganisation(AsyncHTTPTestCase):
    """Panel's handler for Okta, with a provider that lives in the test."""

    @pytest.fixture(autouse=True)
    def _ready(self, monkeypatch, tmp_path):
        monkeypatch.setenv("WORKBENCH_OAUTH_SECRET", "our-secret")
        monkeypatch.setattr(viewing, "admitted", lambda login: login == "ann@example.org")
        self.patch, self.folder = monkeypatch, tmp_path

    def get_app(self):
        content = {"staff": {"oauth": OAUTH, "origins": ["https://ask.example.org"]}}
        own = settings_room.build(content, self.folder)
        for name in ("provider", "key", "secret", "redirect_uri", "extra_params"):
            self.patch.setattr(serving.pn.config, f"oauth_{name}", None if name == "provider" else
                               ({} if name == "extra_params" else ""))  # fmt: skip
        serving._with_organisation(own)
        self.door = signing_in.Door(own, Sessions(60, 3600), "k" * 40, ("/mine",), secure=True)
        handler = signing_in.Provider(self.door).login_handler
        handler._OAUTH_ACCESS_TOKEN_URL = self.get_url("/token")
        application = Application(
            [("/login", handler), ("/token", Issue)], cookie_secret=self.door.secret
        )
        application.auth_provider = SimpleNamespace(door=self.door)
        return application

    def ask(self, path, cookie="") -> HTTPResponse:
        return self.fetch(path, follow_redirects=False, headers={"Cookie": cookie})

    def way(self):
        answer = self.ask("/login?next=/mine?group=a")
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        (kept,) = answer.headers.get_list("Set-Cookie")
        assert answer.headers["Location"].startswith("https://example.okta.com/")
        assert asked["redirect_uri"] == ["https://ask.example.org/login"]
        assert "Secure" in kept and "HttpOnly" in kept
        return asked["state"][0], kept.split(";")[0]

    def test_somebody_known_gets_a_session_and_no_token(self):
        state, cookie = self.way()
        answer = self.ask(f"/login?code=Ann@Example.org&state={state}", cookie)
        kept = " ".join(answer.headers.get_list("Set-Cookie"))
        assert answer.code == 302 and len(self.door.sessions) == 1
        assert "user=" in kept and "secret-token" not in kept and "access_token=2" not in kept
        assert [each["login"] for each in audit.entries(self.door.settings)] == ["ann@example.org"]

    def test_somebody_unknown_gets_nothing(self):
        state, cookie = self.way()
        answer = self.ask(f"/login?code=stranger@example.org&state={state}", cookie)
        assert answer.code == 403 and not len(self.door.sessions)

    def test_an_answer_to_a_question_that_nobody_asked_is_refused(self):
        _, cookie = self.way()
        answer = self.ask("/login?code=ann@example.org&state=forged", cookie)
        assert answer.code == 401 and not len(self.door.sessions)
