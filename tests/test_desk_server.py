"""The analyst's desk in a JupyterLab that really runs, asked over its REST and websocket API."""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
import websocket
from nbformat.v4 import new_code_cell, new_notebook, new_output

from workbench.desk import saving, stripping
from workbench.reporting import warm
from workbench.words import desk as said

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "src/workbench/desk/jupyter"
OPENS = (
    "import workbench as wb\nfrom workbench import display\n"
    f"data = wb.open({str(ROOT / 'settings/sample.toml')!r}, "
    "scope=wb.EVERYONE, source={source!r})"
)
SHOWS = "display.Text(f'known to {data.complete_to}')"
PERSON = "data.tables.clients.to_pandas().head(1)"
SECONDS = 120


class Server:
    """JupyterLab as `make lab` starts it, on a folder of its own."""

    def __init__(self, folder: Path, home: Path, **env: str) -> None:
        self.folder, self.token = folder, uuid.uuid4().hex
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = home / "log"
        alone = {
            "JUPYTER_CONFIG_PATH": str(CONFIG),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                    "--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={self.token}", f"--notebook-dir={folder}",
                ],
                env={**os.environ, **alone, **env},
                cwd=folder, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._until(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            self.ask("GET", "status")
        except OSError:
            return False
        return True

    def _until(self, done: Any) -> None:
        until = time.monotonic() + SECONDS
        while not done():
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What its REST API answers; an `urllib.error.HTTPError` is raised as it is."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"token {self.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def refused(self, method: str, path: str, body: Any) -> str:
        """The words with which it refuses."""
        try:
            self.ask(method, path, body)
        except urllib.error.HTTPError as problem:
            with problem:
                return json.loads(problem.read())["message"]
        raise AssertionError("not refused")

    def kernel(self) -> "Kernel":
        return Kernel(self, self.ask("POST", "kernels", {"name": "python3"})["id"])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Kernel:
    """A kernel of a server, spoken to as JupyterLab does."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.connect()

    def connect(self) -> None:
        self.session = uuid.uuid4().hex
        self.socket = websocket.create_connection(
            f"ws://127.0.0.1:{self.server.port}/api/kernels/{self.name}/channels"
            f"?session_id={self.session}",
            header=[f"Authorization: token {self.server.token}"],
            timeout=SECONDS,
        )

    def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        name = uuid.uuid4().hex
        header = {
            "msg_id": name, "msg_type": kind, "session": self.session, "username": "",
            "version": "5.4", "date": "2025-01-01T00:00:00Z",
        }  # fmt: skip
        message = {
            "header": header, "parent_header": {}, "metadata": {"cellId": "cell"},
            "content": content, "channel": channel, "buffers": [],
        }  # fmt: skip
        self.socket.send(json.dumps(message))
        return name

    def receive(self) -> dict[str, Any]:
        return json.loads(self.socket.recv())

    def start(self, code: str) -> str:
        """Begin to execute; returns when it has begun."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        name = self.send("execute_request", content)
        while True:
            message = self.receive()
            if message["parent_header"].get("msg_id") != name:
                continue
            if message["header"]["msg_type"] == "execute_input":
                return name

    def outputs(self, name: str) -> list[dict[str, Any]]:
        """The outputs of what was started, as a notebook keeps them."""
        found = []
        while True:
            message = self.receive()
            if message["parent_header"].get("msg_id") != name:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return found
            if kind in {"display_data", "execute_result", "stream", "error"}:
                content.pop("transient", None)
                found.append({"output_type": kind, **content})

    def run(self, code: str) -> list[dict[str, Any]]:
        return self.outputs(self.start(code))

    def close(self) -> None:
        self.socket.close()
        self.server.ask("DELETE", f"kernels/{self.name}")


def texts(made):
    return [
        each["data"]["text/plain"]
        for cell in made["cells"]
        for each in cell.get("outputs", ())
        if "data" in each
    ]


UNMARKED = json.dumps(
    new_notebook(
        cells=[
            new_code_cell(
                "show()",
                outputs=[new_output("display_data", {"text/plain": "C0001"})],
            )
        ]
    )
)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """An export that is the sample's but for one file, as somebody's own may lie in its place."""
    folder = tmp_path_factory.mktemp("own") / "sample"
    shutil.copytree(ROOT / "data/sample", folder)
    with (folder / "changes.csv").open("a", encoding="utf-8") as file:
        file.write("01/02/2025;Another opening hour;;;\n")
    return folder


@contextmanager
def sync_playwright_in(alone, sync_playwright):
    """A page, asked in a thread of its own: another test may have left a loop in this one."""
    begun = {}

    def open_page():
        begun["playwright"] = sync_playwright().start()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        begun["browser"] = begun["playwright"].chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        begun["page"] = begun["browser"].new_page(viewport={"width": 1280, "height": 1000})
        begun["page"].set_default_timeout(1000 * SECONDS)

    def close():
        begun["browser"].close()
        begun["playwright"].stop()

    alone.submit(open_page).result()
    try:
        yield lambda asks: alone.submit(lambda: asks(begun["page"])).result()
    finally:
        alone.submit(close).result()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("home"))
    yield made
    made.stop()


def run(server, source, *code):
    """A notebook whose cells were executed on a kernel of the server, on this export."""
    kernel = server.kernel()
    cells = [new_code_cell(each) for each in (OPENS.format(source=str(source)), *code)]
    for cell in cells:
        cell.outputs = [nbformat.from_dict(each) for each in kernel.run(cell.source)]
    kernel.close()
    return json.loads(nbformat.writes(new_notebook(cells=cells), split_lines=False))


def save(server, name, content, kind="notebook", **more):
    model = {"type": kind, "format": "json", "content": content, **more}
    return server.ask("PUT", f"contents/{name}", model)


def saved(server, name):
    return nbformat.read(server.folder / name, as_version=4)


def test_outputs_of_the_sample_are_saved(server):
    made = run(server, "", SHOWS)
    save(server, "sample.ipynb", made)
    assert texts(saved(server, "sample.ipynb"))[-1].startswith("known to 2025")


def test_outputs_of_anything_else_are_not_and_the_log_says_so(server, other):
    made = run(server, other, SHOWS, PERSON)
    assert len(texts(made)) == 2, "nothing was shown"
    save(server, "own.ipynb", made)
    found = saved(server, "own.ipynb")
    assert texts(found) == [said.NOT_KEPT]
    assert [cell.source for cell in found.cells] == [cell["source"] for cell in made["cells"]]
    assert found.metadata.workbench.not_kept.startswith("notebook: the outputs of 2 cells")
    assert said.not_kept("own.ipynb", 2) in server.log.read_text()


def test_a_sample_opened_beside_it_or_before_it_does_not_cover_it(server, other):
    opens = OPENS.format(source=str(other))
    found = run(server, "", SHOWS, opens, SHOWS, OPENS.format(source=""), SHOWS)
    save(server, "both.ipynb", found)
    kept = saved(server, "both.ipynb")
    assert len(kept.cells[1].outputs) == 1, "made before anything else was opened"
    assert texts({"cells": kept.cells[2:]}) == [said.NOT_KEPT]


def test_a_copy_is_looked_through_too(server, other):
    (server.folder / "brought.ipynb").write_text(UNMARKED)
    made = server.ask("POST", "contents", {"copy_from": "brought.ipynb"})
    assert texts(saved(server, made["path"])) == [said.NOT_KEPT]


@pytest.mark.parametrize("form", ["text", "base64"])
def test_a_notebook_saved_as_text_or_uploaded_is_looked_through(server, form):
    coded = base64.b64encode(UNMARKED.encode()).decode() if form == "base64" else UNMARKED
    save(server, "as_text.ipynb", coded, kind="file", format=form)
    assert texts(saved(server, "as_text.ipynb")) == [said.NOT_KEPT]


def test_what_cannot_be_looked_through_is_not_saved(server):
    body = {"type": "file", "format": "text", "content": '{"cells": "C0001'}
    assert server.refused("PUT", "contents/x.ipynb", body) == said.not_saved("x.ipynb")
    body = {"type": "file", "format": "text", "content": "{", "chunk": 1}
    assert server.refused("PUT", "contents/x.IPYNB", body) == said.in_parts("x.IPYNB")
    assert not list(server.folder.glob("x.*"))


def test_other_files_are_saved_as_they_are(server):
    save(server, "note.md", "C0001", kind="file", format="text")
    assert (server.folder / "note.md").read_text() == "C0001"


def test_a_hook_that_fails_refuses_to_save(monkeypatch):
    def fails(*_):
        raise RuntimeError("C0001")

    monkeypatch.setattr(stripping, "stripped", fails)
    with pytest.raises(saving.HTTPError) as refused:
        saving.before_save({"type": "notebook", "content": {"cells": []}}, "x.ipynb")
    assert refused.value.log_message == said.not_saved("x.ipynb")


@pytest.mark.skipif(not warm.POSSIBLE, reason="kernels are forked on Linux only")
def test_kernels_are_warm_and_are_interrupted_restarted_and_shut_down(server):
    kernel = server.kernel()
    asks = "import os, sys; print('workbench.charts' in sys.modules, os.getpid())"
    warm_one, pid = kernel.run(asks)[0]["text"].split()
    assert warm_one == "True"

    endless = kernel.start("left = 1\nwhile True: pass")
    server.ask("POST", f"kernels/{kernel.name}/interrupt", {})
    assert [each["ename"] for each in kernel.outputs(endless)] == ["KeyboardInterrupt"]
    assert kernel.run("print(left)")[0]["text"] == "1\n"

    server.ask("POST", f"kernels/{kernel.name}/restart", {})
    kernel.socket.close()
    kernel.connect()
    again = kernel.run(f"print('left' in globals()); {asks}")[0]["text"].split()
    assert again[:2] == ["False", "True"] and again[2] != pid

    kernel.close()
    assert kernel.name not in [each["id"] for each in server.ask("GET", "kernels")]
    until = time.monotonic() + 10
    while Path(f"/proc/{again[2]}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{again[2]}").exists()


CHOOSES = """import workbench as wb
from workbench import display
from workbench.desk import choosing

choosing.offer(settings=settings, period=period, programme=programme)
data = wb.open(settings, as_of=period, scope=wb.EVERYONE)
data = choosing.of_programme(data, programme)"""
BELOW = """shown = sorted(data.values("enrolments.programme"))
display.Text(f"below: {data.as_of}, {', '.join(shown)}")"""
GIVEN = f"""settings = {str(ROOT / "settings/sample.toml")!r}
period = "2025-11"
programme = ""
"""


def test_a_choice_in_jupyterlab_runs_the_notebook_again_and_no_other_host_is_asked(server):
    """In a real browser: open, run, choose twice, save; what is saved has no widget in it."""
    from playwright.sync_api import sync_playwright

    cells = [new_code_cell(each) for each in (GIVEN, CHOOSES, BELOW)]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=about), server.folder / "chooses.ipynb")
    outside = []
    with ThreadPoolExecutor(1) as alone, sync_playwright_in(alone, sync_playwright) as page:
        page(lambda at: at.on("request", lambda each: outside.append(each.url)))
        page(lambda at: at.goto(f"{server.url}/lab/tree/chooses.ipynb?token={server.token}"))
        page(lambda at: at.wait_for_selector("#jp-main-statusbar >> text=| Idle"))
        run_all = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }"
        page(lambda at: at.evaluate(run_all))
        every = "below: 2025-11-30, Fresh Start, Settled Homes, Steady Ground"
        page(lambda at: at.wait_for_selector(f'text="{every}"'))
        lists = ".widget-dropdown select"
        page(lambda at: at.locator(lists).nth(1).focus())
        page(lambda at: at.locator(lists).nth(1).select_option("Fresh Start"))
        page(lambda at: at.wait_for_selector('text="below: 2025-11-30, Fresh Start"'))
        page(lambda at: at.locator(lists).nth(0).focus())
        page(lambda at: at.locator(lists).nth(0).select_option("October 2025"))
        page(lambda at: at.wait_for_selector('text="below: 2025-10-31, Fresh Start"'))
        active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
        assert page(lambda at: at.evaluate(active)) == 1, "it stays where the choices are"
        save = "() => { window.jupyterapp.commands.execute('docmanager:save') }"
        page(lambda at: at.evaluate(save))
        server._until(lambda: "2025-10-31" in (server.folder / "chooses.ipynb").read_text())
    kept = saved(server, "chooses.ipynb")
    assert texts(kept) == ["below: 2025-10-31, Fresh Start"]
    assert kept.cells[0].source == GIVEN, "a choice changes no code"
    own = (server.url, "data:", "blob:", server.url.replace("http", "ws"))
    assert [each for each in outside if not each.startswith(own)] == []


def test_jupyterlab_is_told_to_ask_nobody_for_news(server):
    with urllib.request.urlopen(f"{server.url}/lab?token={server.token}", timeout=SECONDS) as page:
        text = page.read().decode()
    told = re.search(r'id="jupyter-config-data" type="application/json">([^<]*)<', text)[1]
    told = json.loads(told)
    assert told["news"] == {"disabled": True}
    assert "@jupyterlab/apputils-extension:announcements" in told["disabledExtensions"]
    assert told["extensionManager"]["can_install"] is False


def test_every_jupyter_server_of_the_environment_strips():
    """The file that switches the extension on is installed where every server looks for it."""
    text = (ROOT / "pyproject.toml").read_text()
    placed = tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    (ours,) = [each for each, place in placed.items() if place.endswith("server_config.d")]
    assert placed[ours] == "etc/jupyter/jupyter_server_config.d"
    switched = json.loads((ROOT / ours / "workbench.json").read_text())
    assert switched == {"ServerApp": {"jpserver_extensions": {"workbench.desk.server": True}}}
