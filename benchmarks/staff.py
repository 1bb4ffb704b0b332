"""The staff page on the sample enlarged to 100,000 clients: from a choice to the drawn answer.

Told for one person in a browser and for twenty at once over their connections, each asking what
nobody asked before; the computing part beside the same question in plain pandas.
"""

import asyncio
import http.cookiejar
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import Weight, python, show

ROOT = Path(__file__).parents[1]
CLIENTS, COPIES = 100_000, 117  # of the sample's clients; that makes more than 5 million contacts
PEOPLE, QUESTIONS, ASKED_AT_ONCE = 20, 12, 5
PASSWORD = "three words together"
WAIT_SECONDS = 120.0
OWN_IDS = {
    *("client_id", "enrolment_id", "contact_id"),
    *("caseworker_id", "manager_id", "login", "team"),
}

SERVER = """
import sys
from workbench import settings
from workbench.staff import accounts, serving
own = settings.read(sys.argv[1])
for login in sys.argv[2:]:
    accounts.add(own, login, "three words together")
served = serving.start(own, port=0)
print(served.address, flush=True)
served.run()
"""

COMPUTED = """
import json, sys, time
import workbench as wb
from workbench.staff import asking
from workbench.staff.remembering import held
from workbench.store import Scope
whom, questions = json.loads({given!r})
scope = Scope(whom, frozenset([whom]), own=True) if whom else wb.EVERYONE
data = held(wb.open({settings!r}, as_of="2025-11-30", scope=scope))
can = asking.offer(data, asking.Asked("", "", ""))
started = time.perf_counter()
for group in questions:
    asking.answered(data, asking.Asked("everyone", group, ""))
print((time.perf_counter() - started) / len(questions))
"""

PLAIN = """
import json, time, warnings
import numpy as np, pandas as pd
import statsmodels.api as sm
warnings.simplefilter("ignore")
whom, questions = json.loads({given!r})
folder, day = {folder!r}, pd.Timestamp("2025-11-30")

def answer(support):
    read = lambda name, columns: pd.read_parquet(f"{{folder}}/{{name}}.parquet", columns=columns)
    stays = read("enrolments", ["enrolment_id", "client_id", "start_date", "programme"])
    stays = stays[pd.to_datetime(stays["start_date"]) <= day]
    if whom:
        held = read("assignments", ["enrolment_id", "caseworker_id", "start_date", "end_date"])
        now = (pd.to_datetime(held["start_date"]) <= day) & (
            held["end_date"].isna() | (pd.to_datetime(held["end_date"]) >= day))
        mine = held.loc[now & (held["caseworker_id"] == whom), "enrolment_id"]
        stays = stays[stays["enrolment_id"].isin(mine)]
    stays = stays.sort_values("start_date").drop_duplicates("client_id")
    had = read("supports", ["enrolment_id", "support", "start_date"])
    had = had[(had["support"] == support) & (pd.to_datetime(had["start_date"]) <= day)]
    outcomes = read("outcomes", ["enrolment_id", "outcome", "status", "outcome_date"])
    outcomes = outcomes[(outcomes["status"] == "achieved")
                        & (pd.to_datetime(outcomes["outcome_date"]) <= day)]
    people = read("clients", ["client_id", "gender", "need_score", "housing_at_intake"])
    stays = stays.merge(people, on="client_id")
    seen = read("contacts", ["enrolment_id", "contact_date"])
    first = seen.groupby("enrolment_id")["contact_date"].min()
    stays = stays.assign(had=stays["enrolment_id"].isin(had["enrolment_id"]),
                         good=stays["enrolment_id"].isin(outcomes["enrolment_id"]),
                         first=stays["enrolment_id"].map(first))
    shares = stays.groupby("had")["good"].agg(["mean", "size"])
    mix = pd.get_dummies(stays[["gender", "housing_at_intake"]], dtype=float, drop_first=True)
    mix = sm.add_constant(mix.assign(need=stays["need_score"].astype(float).fillna(0)))
    try:
        mix = mix.assign(had=stays["had"].astype(float))
        found = sm.Logit(stays["good"].astype(float), mix).fit(disp=0)
    except Exception:
        found = None
    return shares, found

answer(questions[0])
started = time.perf_counter()
for group in questions:
    answer(group)
print((time.perf_counter() - started) / len(questions))
"""


def compare() -> None:
    """Print how long an answer takes for 1 and for 20 people, and the computing beside pandas."""
    with tempfile.TemporaryDirectory(prefix="bench-staff-") as folder:
        project, loop = Path(folder), asyncio.new_event_loop()
        facts = _enlarge(project)
        print(f"\nStaff page: {facts}")
        logins = [f"w01-{number}.example" for number in range(PEOPLE)]
        with _served(project, [*logins, "service-0.example"]) as (address, process):
            before = _gib(process)
            visitor = Visitor(address, logins[0])
            opening = [_timed(visitor.open)]
            alone = loop.run_until_complete(_ask([visitor], QUESTIONS))
            of_one = _gib(process)
            _told("one caseworker, over the connection", alone)
            _told("one caseworker, in Chromium", _browsed(address, logins[0], QUESTIONS))
            crowd = [Visitor(address, each) for each in logins[1:]]
            opening += [_timed(each.open) for each in crowd]
            _told(f"{PEOPLE} caseworkers at once", loop.run_until_complete(
                _ask([visitor, *crowd], ASKED_AT_ONCE, first=QUESTIONS)
            ))  # fmt: skip
            of_all = _gib(process)
            whole = Visitor(address, "service-0.example")
            opening.append(_timed(whole.open))
            _told("the whole service, 100,000 clients", loop.run_until_complete(_ask([whole], 3)))
        print("  goal: 95 in 100 under 1 s for one, under 2 s for 20")
        print(f"  opening a page: {statistics.median(opening):.2f} s, at most {max(opening):.2f}")
        print(
            f"  memory: {before:.2f} GiB before anybody, {of_one:.2f} with one, {of_all:.2f} with "
            f"{PEOPLE} (goal: under twice that of one)"
        )
        _beside_pandas(project)


def _beside_pandas(project: Path) -> None:
    snapshot = next((project / "home" / "snapshots").iterdir())
    usual = f"FROM '{snapshot}/supports.parquet' GROUP BY support ORDER BY count(*) DESC LIMIT 3"
    supports = [each for (each,) in _rows(f"SELECT support {usual}")]
    for name, whom in (("a caseworker's clients", "W01-0"), ("100,000 clients", "")):
        given = json.dumps([whom, [f"received {each}" for each in supports]])
        ours = python(
            COMPUTED.format(given=given, settings=str(project / "settings" / "sample.toml")),
            _env(project),
        )
        plain = python(
            PLAIN.format(given=json.dumps([whom, supports]), folder=str(snapshot)), _env(project)
        )
        rows = [
            ("asking.answered, adjusted, with its intervals", ours),
            ("pandas and one statsmodels fit, from Parquet", plain),
        ]
        show(
            f"Computing an answer: {name}",
            [(each, Weight(float(told.printed), told.gib, "")) for each, told in rows],
            "under 0.25",
        )


# --- the records --------------------------------------------------------------------------------


def _enlarge(project: Path) -> str:
    """The sample's snapshot, so many times over, in a home of its own; says how large it is."""
    shutil.copytree(ROOT / "settings", project / "settings")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    (project / "data").symlink_to(ROOT / "data")
    small = python(
        textwrap.dedent("""
            from workbench import settings, snapshots
            print(snapshots.take(settings.read("settings/sample.toml")))
        """),
        {"WORKBENCH_HOME": str(project / "small")},
    )
    own = Path(small.printed.strip())
    folder = project / "home" / "snapshots" / own.name
    folder.mkdir(parents=True, mode=0o700)
    shutil.copy(own / "meta.json", folder)
    for file in own.glob("*.parquet"):
        columns = [name for (name, *_) in _rows(f"DESCRIBE SELECT * FROM '{file}'")]
        made = ", ".join(
            f"replace({each}, '.example', '') || '-' || n || '.example' AS {each}"
            if each == "login"
            else f"{each} || '-' || n AS {each}"
            if each in OWN_IDS
            else f'"{each}"'
            for each in columns
        )
        several = COPIES if OWN_IDS & {*columns} else 1
        _rows(
            f"COPY (SELECT {made} FROM '{file}', range({several}) copies(n)) "
            f"TO '{folder / file.name}' (FORMAT parquet)"
        )
    settings = project / "settings" / "sample.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("service.example", "service-0.example"), encoding="utf-8")
    counted = {
        name: int(_rows(f"SELECT count(*) FROM '{folder}/{name}.parquet'")[0][0])
        for name in ("clients", "contacts")
    }
    return ", ".join(f"{n:,} {name}" for name, n in counted.items())


def _rows(sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    return duckdb.sql(sql).fetchall() if not sql.startswith("COPY") else duckdb.execute(sql) and []


def _env(project: Path) -> dict[str, str]:
    (snapshot,) = (project / "home" / "snapshots").iterdir()
    return {"WORKBENCH_HOME": str(project / "home"), "WORKBENCH_SNAPSHOT": snapshot.name}


@contextmanager
def _served(project: Path, logins: Sequence[str]) -> Iterator[tuple[str, psutil.Process]]:
    command = [sys.executable, "-c", SERVER, str(project / "settings" / "sample.toml"), *logins]
    with subprocess.Popen(
        command, cwd=project, env={**os.environ, **_env(project)}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        if not address:
            raise RuntimeError("the staff page could not be served")
        try:
            yield address, psutil.Process(running.pid)
        finally:
            running.kill()


def _gib(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 2**30


# --- people -------------------------------------------------------------------------------------


@dataclass
class Visitor:
    """Somebody signed in, with the page open: what a browser does, without drawing."""

    address: str
    login: str
    socket: Any = None
    select: str = ""
    options: list[str] = field(default_factory=list)
    page: str = ""
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def open(self) -> None:
        """Sign in and have the page made."""
        opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({})
        )
        form = opener.open(f"{self.address}/login").read().decode()
        mark = re.findall(r'name="_xsrf" value="([^"]+)"', form)[0]
        sent = {
            "_xsrf": mark, "login": self.login, "password": PASSWORD, "next": "/compare_my_clients"
        }  # fmt: skip
        data = urllib.parse.urlencode(sent).encode()
        self.page = opener.open(f"{self.address}/login", data, timeout=600).read().decode()

    async def connect(self) -> None:
        """Connect as the page does, and find the list of what can be compared."""
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        token = re.findall(r'"token":"([^"]+)"', self.page)[0]
        cookies = "; ".join(f"{each.name}={each.value}" for each in self.jar)
        there = f"{self.address.replace('http', 'ws', 1)}/compare_my_clients/ws"
        request = HTTPRequest(there, headers={"Origin": self.address, "Cookie": cookies})
        self.socket = await websocket_connect(
            request, subprotocols=["bokeh", token], max_message_size=2**27
        )
        await self._until(lambda kind, _: kind == "ACK")
        await self._send("PULL-DOC-REQ", {})
        document = await self._until(lambda kind, _: kind == "PULL-DOC-REPLY")
        for each in _objects(document):
            shown = each.get("attributes", {})
            if shown.get("title") == "What to compare":
                self.select = each["id"]
                self.options = [each for each in _texts(shown["options"]) if each != shown["value"]]

    async def ask(self, choice: str) -> float:
        """Choose; the seconds until the new answer is here."""
        started = time.perf_counter()
        event = {
            "kind": "ModelChanged", "model": {"id": self.select}, "attr": "value", "new": choice
        }  # fmt: skip
        await self._send("PATCH-DOC", {"events": [event]})
        await self._until(lambda kind, said: kind == "PATCH-DOC" and "section" in said)
        return time.perf_counter() - started

    async def _send(self, kind: str, content: Mapping[str, Any]) -> None:
        header = {"msgid": f"{time.monotonic_ns()}", "msgtype": kind}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _until(self, wanted: Any) -> Any:
        while True:
            header = json.loads(await asyncio.wait_for(self.socket.read_message(), WAIT_SECONDS))
            await self.socket.read_message()
            text = await self.socket.read_message()
            for _ in range(2 * int(header.get("num_buffers", 0))):
                await self.socket.read_message()
            if header["msgtype"] == "ERROR":
                raise RuntimeError(text[:500])
            if wanted(header["msgtype"], text):
                return json.loads(text)


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "attributes" in part:
            yield part
        for each in part.values():
            yield from _objects(each)
    elif isinstance(part, list):
        for each in part:
            yield from _objects(each)


def _texts(options: Any) -> list[str]:
    """What a list of choices offers, whether or not it has headings."""
    if isinstance(options, dict):
        entries = options.get("entries", options.items())
        return [text for _, under in entries for text in _texts(under)]
    return [each if isinstance(each, str) else str(each[0]) for each in options]


async def _ask(visitors: Sequence[Visitor], each: int, first: int = 0) -> list[float]:
    """Have each ask so many questions that nobody asked before, all at the same time."""
    for visitor in visitors:
        if visitor.socket is None:
            await visitor.connect()

    async def some(visitor: Visitor, begin: int) -> list[float]:
        chosen = [visitor.options[(begin + n) % len(visitor.options)] for n in range(each)]
        return [await visitor.ask(choice) for choice in chosen]

    begun = [1 + first, *(1 for _ in visitors[1:])]
    found = await asyncio.gather(*map(some, visitors, begun))
    return [seconds for one in found for seconds in one]


def _browsed(address: str, login: str, questions: int) -> list[float]:
    """The seconds from choosing to the drawn answer, in a browser; another question each time."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return []
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.set_default_timeout(WAIT_SECONDS * 1000)
        page.goto(f"{address}/login")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.goto(f"{address}/compare_my_clients")
        page.wait_for_selector(".sentence, .said")
        found = []
        choose = page.get_by_label("What to compare")
        values = choose.evaluate("each => [...each.options].map(one => one.value)")
        for value in values[-questions:]:
            before = page.inner_text(".asked")
            started = time.perf_counter()
            choose.select_option(value)
            page.wait_for_function(
                "before => { const look = (at) => { for (const each of at.querySelectorAll('*')) {"
                " if (each.matches('.asked') && each.innerText !== before) return true;"
                " if (each.shadowRoot && look(each.shadowRoot)) return true } return false };"
                " return look(document) }", arg=before, polling=20,
            )  # fmt: skip
            found.append(time.perf_counter() - started)
        browser.close()
    return found


def _timed(once: Any) -> float:
    started = time.perf_counter()
    once()
    return time.perf_counter() - started


def _told(name: str, seconds: Sequence[float]) -> None:
    if not seconds:
        print(f"  {name}: not measured")
        return
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(
        f"  {name:44} {len(ordered)} answers: half within {statistics.median(ordered):.2f} s, "
        f"95 in 100 within {late:.2f} s"
    )
