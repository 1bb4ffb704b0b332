"""Asking about one's clients: what a link may ask, what the page says, and that it is the same."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import papermill
import pytest

import workbench as wb
from workbench import Scope, viewing
from workbench.analyses import comparison
from workbench.audiences import OWN
from workbench.settings import Disclosure
from workbench.staff import asking, remembering
from workbench.words import asking as said

ROOT = Path(__file__).parents[1]
EVIL, FORMULA = "<script>alert(1)</script>", "=cmd('calc')"


DRAWN = {}  # workspaces never change, so each is drawn once


def clients(workspace, n=60, rules=OWN, own=True, rare=3):
    """Clients of one worker: every third had a support, a few had one with a hostile name."""
    key = n, rules.profile, own, rare
    if key not in DRAWN:
        DRAWN[key] = drawn(workspace, n, rules, own, rare)
    return DRAWN[key]


def drawn(workspace, n, rules, own, rare):
    ids = [f"e{i}" for i in range(n)]
    made = workspace(
        settings={
            "outcomes": {"success": ["home"], "horizon_days": 100},
            "comparison": {"landmark_days": 28},
            "attributes": {"area": {"table": "clients", "compare": True}},
        },
        as_of="2025-12-31",
        enrolments=[
            {"enrolment_id": each, "start_date": "2025-01-10", "programme": ["A", "B"][i % 2]}
            for i, each in enumerate(ids)
        ],
        clients=[{"client_id": each, "area": [EVIL, FORMULA][i % 2]} for i, each in enumerate(ids)],
        contacts=[{"enrolment_id": each, "contact_date": "2025-01-12"} for each in ids],
        supports=[
            {"enrolment_id": each, "support": "advice", "start_date": "2025-01-15"}
            for each in ids[::3]
        ]
        + [
            {"enrolment_id": each, "support": EVIL, "start_date": "2025-01-15"}
            for each in ids[:rare]
        ],
        outcomes=[
            {
                "enrolment_id": each, "outcome": "home", "outcome_date": "2025-03-20",
                "status": "achieved" if i % 3 == 0 or i % 5 == 0 else "not achieved",
            }
            for i, each in enumerate(ids)
        ],
        assignments=[
            {"enrolment_id": each, "caseworker_id": "W1", "start_date": "2025-01-10"}
            for each in ids
        ],
    )  # fmt: skip
    settings = made.settings.model_copy(update={"disclosure": rules})
    scope = Scope("W1", frozenset(["W1"]), own=own)
    return replace(made, settings=settings, scope=scope)


def read(data, **link):
    can = DRAWN.setdefault(id(data), asking.offer(data, asking.Asked("", "", "")))
    sent = {name: each if isinstance(each, list) else [each] for name, each in link.items()}
    return asking.read(sent, data, can), can


def plain(html):
    return re.sub(r"<[^>]+>", "", html)


def test_at_a_desk_there_is_no_page_and_the_period_is_the_notebooks(workspace):
    assert asking.page(clients(workspace)) is None
    assert asking.day("2025-Q4") == "2025-Q4"


def test_on_the_page_the_last_day_is_that_of_the_last_complete_month(monkeypatch):
    monkeypatch.setattr(viewing, "served", lambda: True)
    monkeypatch.setattr(viewing, "settings", lambda: None)
    monkeypatch.setattr(asking.snapshots, "take", lambda _: None)
    for complete, last in {
        "2025-12-01": date(2025, 11, 30),
        "2025-11-30": date(2025, 11, 30),
        "2025-11-29": date(2025, 10, 31),
        "2024-02-29": date(2024, 2, 29),
    }.items():
        monkeypatch.setattr(asking.snapshots, "meta", lambda _, day=complete: {"complete_to": day})
        assert asking.day("2020-01") == last


def test_what_can_be_chosen_is_what_can_be_asked_in_words_for_a_phone(workspace):
    can = asking.offer(clients(workspace), asking.Asked("", "", ""))
    assert can.who[said.WHOLE] == {said.ALL["caseworker"]: "everyone"}
    assert can.who["Programme"] == {"A": "programme: A", "B": "programme: B"}
    assert can.group["Received a support, or did not"]["advice: had it, or not"] == (
        "received advice"
    )
    assert can.group["Seen early, or late"]["First seen within 7 days, or later"] == (
        "first contact within 7 days"
    )
    assert can.group["Programme"]["A, or any other"] == "programme: A"
    assert can.outcome[said.WHOLE] == {"home (what counts as success)": "", "home": "home"}
    assert can.usual.group == "received advice"


def test_choices_of_the_same_words_are_told_apart(workspace):
    data = workspace(
        settings={
            "outcomes": {"success": ["home"]},
            "attributes": {"a": {"compare": True}, "b": {"compare": True}},
        },
        enrolments=[{"enrolment_id": each, "start_date": "2025-01-10"} for each in "xy"],
        clients=[{"client_id": "x", "a": "1", "b": "2"}, {"client_id": "y", "a": "2", "b": "1"}],
        outcomes=[
            {
                "enrolment_id": "x", "outcome": "home", "outcome_date": "2025-02-02",
                "status": "achieved",
            }
        ],
    )  # fmt: skip
    can = asking.offer(data, asking.Asked("", "", ""))
    for choices in (can.who, can.group):
        labels = [each for under in choices.values() for each in under]
        assert len(labels) == len(set(labels)) == len(asking.offered(choices))
    assert can.who["B"] == {"2 (b)": "b: 2", "1 (b)": "b: 1"} or can.who["B"] == {
        "1 (b)": "b: 1",
        "2 (b)": "b: 2",
    }


def test_every_choice_is_answered(workspace):
    data = clients(workspace)
    can = asking.offer(data, asking.Asked("", "", ""))
    for group in asking.offered(can.group):
        html = asking.shown(data, asking.Asked("everyone", group, "")).html
        assert said.CANNOT not in html, group


def test_a_link_keeps_a_question(workspace):
    asked, _ = read(
        clients(workspace), who=b"programme: A", group=b"received advice by day 10", outcome=b"home"
    )
    assert asked == asking.Asked("programme: A", "received advice by day 10", "home")
    assert asking.Asked(**asked.parts) == asked


@pytest.mark.parametrize(
    "link",
    [
        {"whom": b"W2"},
        {"scope": b"everyone"},
        {"login": b"mia"},
        {"who": b"caseworker: W2"},
        {"who": b"caseworker: W1"},
        {"who": b"everyone' or 1=1"},
        {"who": [b"programme: A", b"programme: B"]},
        {"group": b"received what nobody has"},
        {"group": EVIL.encode()},
        {"group": b"received " + b"a" * 300},
        {"group": b"\xff\xfe"},
        {"group": b"received advice\n"},
        {"group": b""},
        {"outcome": FORMULA.encode()},
        {"outcome": []},
        {"period": b"2031-01"},
    ],
    ids=str,
)
def test_a_forged_link_asks_the_usual_question_and_says_so(workspace, link):
    data = clients(workspace)
    asked, can = read(data, **link)
    assert asked == replace(can.usual, understood=False)
    assert said.NOT_UNDERSTOOD in asking.heading(data, asked)
    assert "alert(1)" not in asking.heading(data, asked)


def test_a_link_that_is_understood_warns_of_nothing(workspace):
    data = clients(workspace)
    asked, _ = read(data, group=b"programme: A")
    assert asked.understood
    assert said.NOT_UNDERSTOOD not in asking.heading(data, asked)


def test_names_that_mean_harm_are_text(workspace):
    data = clients(workspace, rare=30)
    for group in (f"received {EVIL}", f"area: {FORMULA}", f"area: {EVIL}"):
        shown = asking.shown(data, asking.Asked("everyone", group, ""))
        assert "<script" not in shown.html
        assert "alert(1)" in shown.html or "=cmd" in shown.html
    named = asking.shown(data, asking.Asked("everyone", f"received {EVIL}", ""))
    assert EVIL in named.sentence, "read out as text"


def test_one_s_own_clients_are_exact_and_the_sentence_stands_first(workspace):
    data = clients(workspace)
    answer = comparison.compare_clients(data, "everyone", "received advice")
    shown = asking.shown(data, asking.Asked("everyone", "received advice", ""))
    assert shown.sentence == plain(answer.sentence)
    assert shown.html.index(shown.sentence.split(".")[0]) < shown.html.index("<table")
    assert '<td style="text-align:right">20</td>' in shown.html
    assert shown.html.count("<svg") == 2
    for part in (said.COUNTS, said.ADJUSTED, said.LEAVES_OPEN, said.OTHER_HALF):
        assert part in shown.html
    for each in comparison.cannot_tell(answer):
        assert each in shown.html
    assert "As recorded up to 31 December 2025." in shown.html


def test_the_bars_are_as_long_as_the_shares_of_the_counts(workspace):
    data = clients(workspace)
    counts = comparison.answer_table(
        comparison.compare_clients(data, "everyone", "received advice")
    )
    html = asking.shown(data, asking.Asked("everyone", "received advice", "")).html
    ends = counts[["share", "lower", "upper"]].astype(float) * 100
    bars = re.findall(r'class="share" width="([\d.]+)%"', html)
    lines = re.findall(r'<line x1="([\d.]+)%" x2="([\d.]+)%" y1="9"', html)
    assert [float(each) for each in bars] == pytest.approx(ends["share"].tolist(), abs=0.01)
    for line, (_, low, high) in zip(lines, ends.to_numpy(), strict=True):
        assert [float(each) for each in line] == pytest.approx([low, high], abs=0.01)


def test_a_support_of_three_clients_is_refused_in_words_to_everybody_else(workspace):
    rules = Disclosure(profile="ons10")
    data = clients(workspace, rules=rules, own=False)
    shown = asking.shown(data, asking.Asked("everyone", f"received {EVIL}", ""))
    assert "Too few to tell: a number behind it is too small to be shown." in shown.sentence
    assert "<svg" not in shown.html
    assert "[c]" in shown.html
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", shown.html)
    assert not [each for each in cells if each in {"3", "57", "1", "2"}]


def test_what_cannot_be_asked_is_a_sentence_and_no_traceback(workspace):
    data = clients(workspace)
    shown = asking.shown(data, asking.Asked("everyone", f"received {FORMULA}{EVIL}", ""))
    assert shown.sentence == said.CANNOT
    assert "<script" not in shown.html
    late = asking.Asked("everyone", "first contact within 400 days", "")
    assert "no day is left" in asking.shown(data, late).html


def test_records_without_outcomes_say_what_to_do(workspace):
    data = workspace(enrolments=[{"enrolment_id": "e1", "start_date": "2025-01-10"}])
    with pytest.raises(wb.store.DataError, match="Name an outcome under"):
        asking.offer(data, asking.Asked("", "", ""))


def test_whose_clients_it_says(workspace):
    data = clients(workspace)
    whose = {
        "caseworker": data,
        "team": replace(data, scope=Scope("North", frozenset(["W1"]))),
        "service": replace(data, scope=wb.EVERYONE),
    }
    for kind, each in whose.items():
        assert asking.kind_of(each) == kind
        text = asking.heading(each, asking.Asked("", "", ""))
        assert said.WHOSE[kind] in text


def test_sessions_share_the_work_on_the_same_records_and_none_of_somebody_elses(workspace):
    remembering._all.clear()
    mine = clients(workspace, n=30)
    theirs = replace(clients(workspace, n=60), scope=Scope("W2", frozenset(["W2"]), own=True))
    assert remembering.held(mine) is mine
    assert remembering.held(replace(mine)) is mine
    assert remembering.held(theirs) is theirs
    later = replace(mine, as_of=date(2025, 1, 1))
    assert remembering.held(later) is later
    rules = mine.settings.disclosure.model_copy(update={"profile": "ons10"})
    other = replace(mine, settings=mine.settings.model_copy(update={"disclosure": rules}))
    assert remembering.held(other) is other
    remembering._all.clear()


def test_what_the_first_question_of_each_kind_rests_on_is_there_before_it_is_asked(workspace):
    data = drawn(workspace, 30, OWN, True, 3)
    asking.prepare(data, asking.offer(data, asking.Asked("", "", "")))
    kinds = ("received advice", "programme: A", "first contact within 7 days")
    before = {key for key in data.known if key[0].__name__ == "at_landmark"}
    assert len(before) >= len(kinds)  # each looks from another day of the stay
    for group in kinds:
        asking.answered(data, asking.Asked("everyone", group, ""))
    assert {key for key in data.known if key[0].__name__ == "at_landmark"} == before


def test_a_choice_that_reads_as_another_question_stops_no_page(workspace):
    data = drawn(workspace, 30, OWN, True, 3)
    can = asking.offer(data, asking.Asked("", "", ""))
    odd = {"Support": {"odd": "received advice by day 7 by day 9"}, **can.group}
    asking.prepare(data, replace(can, group=odd))


def test_as_many_viewers_are_held_as_there_is_room_for(workspace, monkeypatch):
    remembering._all.clear()
    monkeypatch.setattr(remembering, "MOST_SCOPES", 2)
    data = clients(workspace, n=6)
    for name in "abc":
        remembering.held(replace(data, scope=Scope(name, frozenset([name]))))
    assert [key[2].name for key in remembering._all] == ["b", "c"]
    remembering._all.clear()


@pytest.mark.parametrize(
    ("who", "group"),
    [
        ("programme: Fresh Start", "received mental health support"),
        ("caseworker: W01", "received residential support"),
    ],
)
def test_the_page_the_notebook_and_the_batch_say_the_same(tmp_path, who, group):
    """One question of the sample: the page, the notebook run by papermill, the function."""
    outcome = "settled home"
    settings = str(ROOT / "settings" / "sample.toml")
    data = wb.open(settings, as_of="2025-11", scope=wb.EVERYONE)
    answer = comparison.compare_clients(data, who, group, outcome)
    page = asking.shown(remembering.held(data), asking.Asked(who, group, outcome))
    papermill.execute_notebook(
        ROOT / "notebooks" / "compare_my_clients.ipynb",
        tmp_path / "out.ipynb",
        {"settings": settings, "period": "2025-11", "who": who, "group": group, "outcome": outcome},
        progress_bar=False,
    )  # fmt: skip
    text = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert answer.sentence.replace("\\", "\\\\") in text.replace('\\"', '"')
    assert page.sentence == plain(answer.sentence)
    remembering._all.clear()


def test_the_words_of_the_page():
    assert said.support("advice") == "advice: had it, or not"
    assert said.change(date(2024, 9, 2), "Text reminders") == "2 September 2024: Text reminders"
    assert said.change(date(2024, 9, 2), "") == "2 September 2024"
    assert said.kind_of("housing_at_intake") == "Housing at intake"
    assert said.success(("home", "work")) == "home or work (what counts as success)"
    assert said.noted("C1", "not reached") == "Noted: C1, tried, not reached."
    assert said.button("C1", "reached") == "Reached C1"
    assert said.days_silent(None) == "Not seen yet"
    assert said.days_silent(1) == "Last seen 1 day ago"
    assert said.last_call(date(2025, 12, 1), "reached") == "Called on 1 December 2025: reached"
    assert "name clients" in said.ASK_HINT
    assert "they see their own" in said.HOW or "sees their own clients" in said.HOW
