"""The staff page over the wire and in a browser: who gets in, what they see, what is refused."""

import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, timedelta

import nbformat
import pandas as pd
import psutil
import pytest

from workbench.words import staff as words

pytest.importorskip("panel")
sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "three words together"
EVIL = "<script>document.title='owned'</script>"
FORMULA = "=cmd('calc')"

SERVER = """
import signal, sys, time
from pathlib import Path
from workbench import settings
from workbench.staff import accounts, serving

folder = Path(sys.argv[1])
own = settings.read(folder / "settings.toml")
nobody = accounts.NOBODY
accounts.N, accounts.NOBODY = 2**10, accounts.Account(nobody.salt, nobody.hash, 2**10, 8, 1, "")
for login in ("ann", "bob", "mia", "left", "chief"):
    accounts.add(own, login, "three words together")
served = serving.start(own, port=0, pages=[folder / "mine.ipynb", folder / "careless.ipynb"])
later = [0.0]
served.door.sessions._clock = served.door.attempts._clock = lambda: time.monotonic() + later[0]
signal.signal(signal.SIGUSR1, lambda *_: later.__setitem__(0, later[0] + 7200))
print(served.address, flush=True)
served.run()
"""
MINE = """
import panel as pn
import workbench as wb
from workbench.staff import audit
data = wb.open_mine(settings, as_of=period, source=source)
programmes = sorted(data.values("enrolments.programme"))
chosen = pn.widgets.Select(name="Programme", options=["all", *programmes])
def answer(programme):
    again = wb.open_mine(settings)
    audit.asked(data, "mine", {"programme": programme})
    both = [each.tables.clients.client_id.to_pandas() for each in (data, again)]
    seen = " ".join(sorted({*both[0], *both[1]}))
    return pn.pane.Markdown(f"`{programme}`: {seen}.", css_classes=["answer"])
pn.Column(chosen, pn.bind(answer, chosen)).servable();
"""
CARELESS = """
import panel as pn
import workbench as wb
asked = {key: value[0].decode() for key, value in pn.state.session_args.items()}
scope = wb.Scope("theirs", frozenset([asked["whom"]]), own=True) if "whom" in asked else wb.EVERYONE
data = wb.open(settings, scope=scope)
pn.pane.Str(" ".join(data.tables.clients.client_id.to_pandas())).servable();
"""


def notebook(path, title, code):
    parameters = 'settings = "settings/sample.toml"\nperiod = "2026-01"\nsource = ""\nwhom = "B"'
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title}"),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(code.strip()),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def export(folder):
    """Ann holds two clients, Bob three; one of Ann's went to Bob yesterday."""
    (folder / "data").mkdir()
    today = date.today()
    ids = [1, 2, 3, 4, 5]
    tables = {
        "clients": {"client_id": [f"client{n}" for n in ids]},
        "enrolments": {
            "enrolment_id": [f"e{n}" for n in ids],
            "client_id": [f"client{n}" for n in ids],
            "programme": [EVIL, FORMULA, EVIL, FORMULA, "Support"],
            "start_date": "2025-01-06",
        },
        "contacts": {"enrolment_id": [f"e{n}" for n in ids], "contact_date": "2026-01-30"},
        "assignments": {
            "enrolment_id": ["e1", "e2", "e3", "e3", "e4", "e5"],
            "caseworker_id": ["A", "A", "A", "B", "B", "B"],
            "start_date": ["2025-01-06"] * 3 + [str(today)] + ["2025-01-06"] * 2,
            "end_date": ["", "", str(today - timedelta(1)), "", "", ""],
        },
        "staff": {
            "caseworker_id": ["A", "B", "M", "L"],
            "login": ["ann", "bob", "mia", "left"],
            "team": "North",
            "manager_id": ["M", "M", "", ""],
            "end_date": ["", "", "", str(today - timedelta(1))],
        },
    }
    text = ['[data]\npath = "data"\n[staff.roles]\nchief = "service"\n']
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / "data" / f"{name}.csv", index=False)
        mapped = "\n".join(f'{each} = "{each}"' for each in columns)
        text.append(f'[sources.{name}]\nfile = "{name}.csv"\n[sources.{name}.columns]\n{mapped}\n')
    (folder / "settings.toml").write_text("\n".join(text))


class Served:
    def __init__(self, process, address, folder):
        self.process, self.address, self.folder = process, address, folder

    def hours_pass(self):
        self.process.send_signal(signal.SIGUSR1)

    def log(self):
        file = self.folder / "staff" / "audit.jsonl"
        return [json.loads(row) for row in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    export(folder)
    notebook(folder / "mine.ipynb", "My clients", MINE)
    notebook(folder / "careless.ipynb", "A careless page", CARELESS)
    (folder / "server.py").write_text(SERVER)
    environment = {**os.environ, "WORKBENCH_HOME": str(folder / "home"), "BOKEH_RESOURCES": "cdn"}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(folder / "server.py"), str(folder)],
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=folder,
        )  # fmt: skip
    address = process.stdout.readline().strip()
    assert address, (folder / "server.log").read_text()
    yield Served(process, address, folder)
    process.terminate()
    process.wait(30)
    process.stdout.close()


class Client:
    """A browser without scripts: cookies, forms, no redirects followed."""

    def __init__(self, address):
        self.address = address
        self.jar = http.cookiejar.CookieJar()

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), Stay(), urllib.request.ProxyHandler({})
        )

    def ask(self, path, form=None, headers=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.address + path, data, headers or {})
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        with contextlib.closing(answer):
            answer.text = answer.read().decode()
        return answer

    def sign_in(self, login, password=PASSWORD, **more):
        form = self.ask("/login").text
        mark = re.search(r'name="_xsrf" value="([^"]+)"', form)[1]
        sent = {"_xsrf": mark, "login": login, "password": password, **more}
        return self.ask("/login", sent)

    def cookie(self, name):
        return next((each for each in self.jar if each.name == name), None)


@pytest.fixture
def client(served):
    return Client(served.address)


def location(answer):
    return answer.headers["Location"]


def test_without_signing_in_there_is_nothing(served, client):
    for path in ("/mine", "/mine?whom=B", "/careless", "/mine/"):
        answer = client.ask(path)
        assert answer.status == 302 and "login?next=" in location(answer)
        assert "client" not in answer.text
    for path in (
        "/components/os/path/x/y",
        "/mine/autoload.js",
        "/mine/metadata",
        "/admin",
        "/rest",
    ):
        assert client.ask(path).status == 404
    assert client.ask("/mine/ws").status in (400, 403)


@pytest.mark.parametrize(
    "path", ["/login", "/mine", "/logout", "/nothing", "/static/js/bokeh.min.js"]
)
def test_every_answer_carries_the_headers(client, path):
    client.sign_in("ann")
    headers = client.ask(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    scripts = re.search(r"script-src ([^;]+)", policy)[1]
    assert "unsafe-inline" not in scripts and "http" not in scripts and "'nonce-" in scripts
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store" or path.startswith("/static")
    assert "Server" not in headers


def test_the_cookies_are_out_of_reach_and_name_nobody(client):
    answer = client.sign_in("ann")
    assert answer.status == 302 and location(answer) == "/mine"
    for name in ("user", "_xsrf"):
        cookie = client.cookie(name)
        assert cookie.has_nonstandard_attr("HttpOnly") and cookie.expires is None
        assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert "ann" not in client.cookie("user").value.split("|")[4]


def test_the_way_back_is_kept_and_leads_nowhere_else(client):
    wanted = "/mine?group=received+advice&outcome=home"
    assert location(client.sign_in("ann", next=wanted)) == wanted
    for outside in (
        "https://example.org/mine",
        "//example.org/mine",
        "/\\example.org",
        "/static/",
        "",
    ):
        assert location(client.sign_in("ann", next=outside)) == "/mine"


def test_a_form_without_its_mark_is_refused(client):
    client.ask("/login")
    answer = client.ask("/login", {"login": "ann", "password": PASSWORD})
    assert answer.status == 403 and words.STALE_FORM in answer.text
    assert client.cookie("user") is None


@pytest.mark.parametrize("login", ["ann", "nobody", "<script>alert(1)</script>"])
def test_wrong_is_told_in_the_same_words_and_as_text(served, client, login):
    answer = client.sign_in(login, "wrong password")
    assert answer.status == 401 and words.WRONG_SIGN_IN in answer.text
    assert "<script>alert" not in answer.text
    noted = served.log()[-1]
    assert noted["what"] == "refused: wrong password"
    assert noted["login"] == ("ann" if login == "ann" else "")


def test_a_worker_who_left_is_not_let_in(client):
    answer = client.sign_in("left")
    assert answer.status == 403 and words.NO_ACCESS in answer.text
    assert client.cookie("user") is None


def changed(cookie):
    parts = cookie.split("|")
    return ["", "ann", cookie[:-1], "|".join([*parts[:4], parts[4][::-1], *parts[5:]])]


def test_a_forged_cookie_opens_nothing(client):
    client.sign_in("ann")
    cookie = client.cookie("user").value
    fresh = Client(client.address)
    assert fresh.ask("/mine", headers={"Cookie": f"user={cookie}"}).status == 200
    for each in changed(cookie):
        headers = {"Cookie": f"user={each}; is_guest=1"}
        assert fresh.ask("/mine", headers=headers).status == 302


def test_signing_out_ends_the_session_on_the_server(client):
    client.sign_in("ann")
    cookie = client.cookie("user").value
    assert words.SIGNED_OUT in client.ask("/logout").text
    assert Client(client.address).ask("/mine", headers={"Cookie": f"user={cookie}"}).status == 302


def test_signing_in_again_makes_a_new_key(client):
    client.sign_in("ann")
    first = client.cookie("user").value
    client.sign_in("ann")
    assert client.cookie("user").value != first
    assert Client(client.address).ask("/mine", headers={"Cookie": f"user={first}"}).status == 302


def test_a_session_that_nobody_used_is_over(served, client):
    client.sign_in("ann")
    assert client.ask("/mine").status == 200
    served.hours_pass()
    assert client.ask("/mine").status == 302


def test_a_removed_account_is_signed_out(served, client):
    from workbench import settings as settings_room
    from workbench.staff import accounts

    client.sign_in("bob")
    own = settings_room.read(served.folder / "settings.toml")
    accounts.remove(own, "bob")
    try:
        assert client.sign_in("bob").status == 401
    finally:
        accounts.add(own, "bob", PASSWORD)


def test_a_hundred_wrong_passwords(served, client):
    memory = psutil.Process(served.process.pid).memory_info
    states = [client.sign_in("mia", f"wrong {n}").status for n in range(5)]
    before = memory().rss
    states += [client.sign_in("mia", f"wrong {n}").status for n in range(95)]
    assert states == [401] * 5 + [429] * 95
    answer = client.sign_in("mia")
    assert answer.status == 429 and "too many wrong passwords. Wait" in answer.text
    assert memory().rss - before < 20_000_000
    served.hours_pass()
    assert client.sign_in("mia").status == 302


def connect(address, page, cookie, origin):
    """What the server says first to a connection with the token of a page: ACK, or why not."""
    token = re.search(r'"token":"([^"]+)"', page)[1]
    where = urllib.parse.urlsplit(address)
    lines = [
        "GET /mine/ws HTTP/1.1", f"Host: {where.netloc}", f"Origin: {origin}",
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: bokeh, {token}",
        f"Cookie: user={cookie}", "", "",
    ]  # fmt: skip
    said = b""
    with socket.create_connection((where.hostname, where.port), 60) as raw:
        raw.sendall("\r\n".join(lines).encode())
        while part := raw.recv(65536):
            said += part
            if b"ACK" in said or (b"\r\n\r\n" in said and b" 101 " not in said):
                break
    return "ACK" if b"ACK" in said else said.split(b" ")[1].decode()


def test_a_connection_is_for_whoever_opened_the_page_from_the_page_itself(client):
    client.sign_in("ann")
    page, cookie = client.ask("/mine").text, client.cookie("user").value
    other = Client(client.address)
    other.sign_in("bob")
    theirs = other.cookie("user").value
    here = client.address

    def ask(who, origin=here, text=page):
        return connect(here, text, who, origin)

    assert ask(cookie) == "ACK"
    assert ask(theirs) == "403"
    assert ask("") == "403" and ask("forged") == "403"
    assert ask(cookie, "https://example.org") == "403"
    assert ask(cookie, here.replace("http:", "https:")) == "403"
    spoilt = re.sub(
        r'"token":"(.)', lambda found: f'"token":"{"b" if found[1] == "a" else "a"}', page
    )
    assert ask(cookie, text=spoilt) != "ACK"
    client.ask("/logout")
    assert ask(cookie) == "403"


@pytest.fixture(scope="module")
def chromium(served):
    if not CHROMIUM:
        pytest.skip("needs Chromium")
    with sync_api.sync_playwright() as play:
        nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", nowhere])
        yield browser
        browser.close()


@pytest.fixture
def visit(served, chromium):
    """Sign in as somebody in a browser of their own; requests to elsewhere fail the test."""
    contexts, outside, problems = [], [], []

    def go(login, path="/mine", width=1280):
        context = chromium.new_context(viewport={"width": width, "height": 800})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda each: outside.append(each.url))
        page.on("pageerror", lambda each: problems.append(str(each)))
        page.on(
            "console", lambda each: problems.append(each.text) if "Policy" in each.text else None
        )
        page.goto(served.address + path)
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield go
    for each in contexts:
        each.close()
    assert not [each for each in outside if not each.startswith((served.address, "data:", "blob:"))]
    assert not problems


def answer(page, beginning):
    found = page.locator(".answer p", has_text=f"{beginning}: ")
    found.wait_for()
    return found.inner_text()


def test_each_sees_their_own_and_only_what_they_hold_today(visit):
    assert answer(visit("ann"), "all") == "all: client1 client2."
    assert answer(visit("bob"), "all") == "all: client3 client4 client5."
    assert answer(visit("mia"), "all") == "all: client1 client2 client3 client4 client5."


def test_two_at_once_never_see_each_others(visit):
    pages = {"client1 client2.": visit("ann"), "client3 client4 client5.": visit("bob")}
    for page in pages.values():
        answer(page, "all")
    for programme in [FORMULA, EVIL, "all"] * 3:
        for page in pages.values():
            page.get_by_label("Programme").select_option(programme)
        for seen, page in pages.items():
            assert answer(page, programme) == f"{programme}: {seen}"
            assert page.title().startswith("My clients")


def test_a_link_keeps_its_question_and_cannot_ask_for_anothers(visit, served):
    page = visit("ann", "/mine?whom=B&scope=everyone&login=bob&user=bob")
    assert page.url.endswith("/mine?whom=B&scope=everyone&login=bob&user=bob")
    assert answer(page, "all") == "all: client1 client2."


@pytest.mark.parametrize("path", ["/careless", "/careless?whom=B", "/careless?whom=A"])
def test_a_page_that_opens_more_than_it_may_shows_nothing(visit, path):
    page = visit("ann", path)
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text() == words.BROKEN
    assert "client" not in page.locator("main").inner_text()


def test_signing_out_closes_the_pages_that_are_open(visit):
    page = visit("ann")
    answer(page, "all")
    other = page.context.new_page()
    other.goto(page.url.replace("/mine", "/logout"))
    assert other.get_by_role("heading").inner_text() == words.SIGNED_OUT
    page.wait_for_url("**/login?next=%2Fmine")
    page.go_back()
    page.wait_for_url("**/login*")


def test_an_expired_session_leaves_nothing_on_the_screen(visit, served):
    page = visit("ann")
    answer(page, "all")
    served.hours_pass()
    page.wait_for_url("**/login?next=%2Fmine")
    assert "client1" not in page.content()


def test_the_form_works_with_keys_on_a_phone_and_has_no_serious_fault(visit, served, chromium):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    page = context.new_page()
    page.goto(served.address + "/mine")
    for key in ("ann", "Tab", "wrong password", "Enter"):
        page.keyboard.press("Tab") if key == "ann" else None
        page.keyboard.press(key) if key in ("Tab", "Enter") else page.keyboard.type(key)
    assert page.get_by_role("alert").inner_text() == words.WRONG_SIGN_IN
    faults = [
        each["id"]
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert not faults
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = [
        box
        for each in page.locator("input:visible, button:visible").all()
        if (box := each.bounding_box())["height"] < 44
    ]
    assert not small
    context.close()


def test_the_log_says_who_and_which_question_and_holds_no_value_and_no_client(served):
    log = served.log()
    assert {"opened", "asked", "signed in", "signed out"} <= {each["what"] for each in log}
    asked = next(each for each in log if each["what"] == "asked")
    assert asked["page"] == "mine" and asked["scope"] == "caseworker" and asked["n"] == "[c]"
    known = {"when", "login", "what", "page", "question", "scope", "n"}
    assert all(set(each) <= known for each in log)
    assert not re.search(r"client\d|\be\d\b|three words", json.dumps(log))


def test_the_servers_own_log_holds_no_password_and_no_client(served):
    text = (served.folder / "server.log").read_text()
    assert "three words" not in text and not re.search(r"client\d", text)
