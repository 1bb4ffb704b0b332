"""Charts: protected tables only, in the house style, in words, with the table behind them."""

import re

import numpy as np
import pandas as pd
import pytest
import vl_convert

from workbench import charts, display
from workbench.charts.style import as_version_5, spread
from workbench.disclosure import extend, protect
from workbench.errors import DataError
from workbench.grid import Grid

HOSTILE = "<script>alert('x')</script> & \"y\""


def months(values=(60, 62, 3, 65, 90, 61), of=100):
    """Months of a share: the third too small to show, the fifth flagged, the last not final."""
    frame = pd.DataFrame({"interval": pd.date_range("2025-01-01", periods=len(values), freq="MS")})
    frame["kept"], frame["offered"] = list(values), of
    table = protect(frame, people=["kept", "offered"], ratios={"value": ("kept", "offered")})
    flagged = [pd.NA] * len(values)
    flagged[4] = "outside limits"
    reading = [pd.NA] * len(values)
    reading[4] = "improvement"
    return extend(
        table,
        {
            "mean": 0.63,
            "lower": 0.5,
            "upper": 0.75,
            "rule": pd.Series(flagged, dtype="string"),
            "reading": pd.Series(reading, dtype="string"),
            "provisional": [False] * (len(values) - 1) + [True],
        },
    )


def changes():
    days = pd.to_datetime(["2025-03-10", "2019-01-01"])
    return pd.DataFrame({"change_date": days, "description": ["Reminders by text", "Long ago"]})


def curve(groups=("North", "South")):
    rows = [(g, t, 200 - 20 * t, 1 - 0.1 * t) for g in groups for t in range(1, 6)]
    frame = pd.DataFrame(rows, columns=["team", "time", "at_risk", "survival"])
    table = protect(frame, people=["at_risk"], plain=["time", "survival"])
    return extend(table, {"lower": table["survival"] - 0.05, "upper": table["survival"] + 0.05})


def cells():
    rows = [(f"2025 Q{q}", m, 200, 200 - 20 * m) for q in (1, 2) for m in range(3)]
    frame = pd.DataFrame(rows, columns=["cohort", "months_since_start", "at_risk", "still"])
    frame.loc[5, "still"] = 3
    return protect(
        frame,
        people=["at_risk", "still"],
        ratios={"retained": ("still", "at_risk")},
        plain=["months_since_start"],
    )


def rows():
    frame = pd.DataFrame(
        {"label": ["North", HOSTILE, "Small"], "n": [200, 100, 10], "s": [150, 40, 9]}
    )
    ratios, limits = {"value": ("s", "n")}, {("lower", "upper"): ("s", "n")}
    return protect(frame, people=["n", "s"], ratios=ratios, intervals=limits)


def stages():
    frame = pd.DataFrame({"stage": ["Referred", "Started", "Succeeded"], "people": [400, 300, 3]})
    return extend(protect(frame, people=["people"]), {"share": [pd.NA, 0.75, pd.NA]})


def readings():
    frame = pd.DataFrame({"scale": ["Wellbeing", "Debt"], "people": [200, 3]})
    frame["first"], frame["last"] = [17.0, 20.0], [21.0, 18.0]
    return protect(frame, people=["people"], means={"first": "people", "last": "people"})


def lag():
    frame = pd.DataFrame({"days": range(10), "share": np.linspace(0.4, 0.95, 10)})
    return protect(frame, plain=["days", "share"])


def filled():
    dates = pd.date_range("2025-01-01", periods=3, freq="MS")
    frame = pd.DataFrame([("contacts", day, 0.9) for day in dates])
    return protect(frame.set_axis(["table", "interval", "complete"], axis=1), plain=["complete"])


EVERY = {
    "signal": lambda: charts.signal(months(), "Kept", unit="percent", changes=changes()),
    "survival": lambda: charts.survival(curve(), "Still here", by="team"),
    "lags": lambda: charts.lags(lag(), "Entered"),
    "retention": lambda: charts.retention(cells(), "Retention"),
    "completeness": lambda: charts.completeness(filled(), "Complete"),
    "bars": lambda: charts.bars(rows(), "Success", unit="percent"),
    "stages": lambda: charts.stages(stages(), "Stages"),
    "change": lambda: charts.change(readings(), "Scores"),
}


@pytest.fixture(params=EVERY, scope="module")
def spec(request):
    return as_version_5(EVERY[request.param]().to_dict())


def texts(svg):
    return re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg)


def test_the_spec_is_one_that_jupyterlab_draws(spec):
    for version in ("5.8", "5.21"):  # the oldest of version 5 that can be had, and the newest
        compiled = vl_convert.vegalite_to_vega(spec, vl_version=version)
        assert compiled["marks"]
    assert spec["$schema"].endswith("vega-lite/v5.json")


def test_every_version_draws_the_same_words(spec):
    old, new = (texts(vl_convert.vegalite_to_svg(spec, vl_version=v)) for v in ("5.8", "6.4"))
    assert old == new


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_it_is_drawn_as_wide_as_asked(spec, width):
    svg = charts.draw(spec, width)
    drawn = float(re.search(r'width="([\d.]+)"', svg)[1])
    assert abs(drawn - width) <= 2


def test_type_is_large_enough_and_upright(spec):
    svg = charts.draw(spec)
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)) >= 12
    assert "rotate(-90" not in svg


def test_it_says_in_words_what_it_shows(spec):
    assert len(spec["description"]) > 30
    assert spec["description"].endswith(".")


def test_the_table_behind_it_is_the_whole_table():
    table = months()
    spec = charts.signal(table, "Kept", unit="percent", labels={"value": "Share kept"}).to_dict()
    assert list(spec["datasets"]["table"][0]) == list(table.columns)
    assert spec["datasets"]["table"][0]["interval"] == "2025-01-01"
    grid = Grid.behind(spec)
    assert grid.title == "Kept"
    assert [column.label for column in grid.columns][:4] == [
        "Period",
        "Kept",
        "Offered",
        "Share kept",
    ]
    assert grid.written[0][:4] == ["January 2025", "60", "100", "60%"]
    assert grid.written[2][1:4:2] == ["[c]", "[c]"]


def test_the_same_table_gives_the_same_chart():
    assert EVERY["signal"]().to_dict() == EVERY["signal"]().to_dict()


def test_a_notebook_gets_chart_drawing_and_words():
    data, metadata = EVERY["signal"]()._repr_mimebundle_()
    assert set(data) == {display.CHART_TYPE, "image/svg+xml", "text/plain"}
    assert data["text/plain"] == data[display.CHART_TYPE]["description"]
    assert data["image/svg+xml"].startswith("<svg")
    assert metadata[display.CHART_TYPE]["embed_options"]["actions"] is False


def test_a_control_chart_tells_its_story_in_words():
    said = EVERY["signal"]().description
    assert said == (
        "Line chart of Kept, January 2025 to June 2025. Between 60% and 90%. Latest, June 2025: "
        "60%; limits 50% to 75%. 1 point flagged: May 2025, 90% (better than usual). 1 value not "
        "shown. Changed on 10 March 2025: Reminders by text."
    )


def test_a_control_chart_shows_limits_flags_changes_and_what_is_hidden():
    svg = charts.draw(EVERY["signal"]().to_dict())
    seen = texts(svg)
    assert {"Upper 75%", "Average 63%", "Lower 50%", "better than usual", "as usual", "[c]"} <= set(
        seen
    )
    assert "1. 10 March 2025: Reminders by text" in seen
    assert "Hollow points are not judged: the records" in " ".join(seen)
    assert not any("Long ago" in text for text in seen)
    assert "May 2025: 90%, better than usual (outside limits)" in svg
    assert "June 2025: 60%, not complete" in svg


def test_a_measure_without_limits_is_drawn_plain():
    plain = months()[["interval", "value", "note"]]
    seen = texts(charts.draw(charts.signal(plain, unit="percent").to_dict()))
    assert not {"Upper", "Average", "Lower"} & {text.split()[0] for text in seen}


def test_a_measure_that_cannot_be_shown_at_all_says_so():
    table = months(values=(3, 2, 4, 3, 3, 2))[["interval", "value", "note"]]
    chart = charts.signal(table, "Kept", unit="percent")
    assert chart.description.endswith("No value can be shown.")
    assert "[c]" in texts(charts.draw(chart.to_dict()))


def test_each_measure_gets_heading_chart_and_sentences():
    table = months().assign(measure="attendance rate")
    shown = charts.signals(
        table, units={"attendance rate": "percent"}, sentences={"attendance rate": "Up."}
    )
    heading, chart, sentence = shown.items
    assert (heading.markdown, sentence.markdown) == ("### Attendance rate", "Up.")
    assert chart.usermeta["workbench"]["title"] == "Attendance rate"
    assert "title" not in chart.to_dict()


def test_a_curve_starts_with_everyone_and_shows_who_is_left():
    spec = charts.survival(curve(), by="team").to_dict()
    assert {"group": "North", "time": 0, "survival": 1, "lower": 1, "upper": 1} in spec["datasets"][
        "curve"
    ]
    seen = texts(charts.draw(spec))
    assert {"Still followed: North", "Still followed: South", "North 50%", "180"} <= set(seen)


def test_the_people_still_followed_stand_under_the_marks_of_the_axis():
    spec = charts.survival(curve(), by="team").to_dict()
    below = spec["datasets"]["below"]
    marked = spec["layer"][1]["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert [row["time"] for row in below if row["words"]][: len(marked)] == marked
    assert "undefined" not in charts.draw(spec)


def test_a_curve_of_few_steps_is_marked_at_its_steps():
    times = [0, 4, 8, 12, 16, 20, 24, 27]
    rows = [("early", time, 200 - 5 * time, time / 100) for time in times]
    frame = pd.DataFrame(rows, columns=["group", "time", "at_risk", "incidence"])
    table = protect(frame, people=["at_risk"], plain=["time", "incidence"])
    spec = charts.incidence(table, by="group", since="day 56").to_dict()
    below = {row["time"]: row["words"] for row in spec["datasets"]["below"] if row["words"]}
    assert below == {0: "200", 8: "160", 16: "120", 24: "80"}


def test_small_numbers_keep_their_digits_and_coordinates_lose_them():
    table = months(values=(60, 64, 4, 66, 90, 60)).assign(lower=0.0041)
    seen = texts(charts.draw(charts.signal(table, unit="number").to_dict()))
    assert "Lower 0.004" in seen


def test_no_more_groups_than_can_be_told_apart():
    with pytest.raises(DataError, match=r"5 groups in 'team'\. At most 4 can be told apart"):
        charts.survival(curve("ABCDE"), by="team")


def test_a_heat_map_writes_numbers_and_marks_into_its_cells():
    seen = texts(charts.draw(EVERY["retention"]().to_dict()))
    assert seen.count("90") == 2
    assert "[c]" in seen
    assert EVERY["retention"]().description.startswith(
        "Heat map of Retention, 2 rows by 3 columns."
    )


def test_bars_name_their_rows_and_hide_small_ones():
    svg = charts.draw(EVERY["bars"]().to_dict())
    assert "<script>" not in svg
    assert {"North", "[c]"} <= set(texts(svg))
    assert any(text.startswith("75% (") for text in texts(svg))


def test_stages_and_changes_hide_what_is_hidden():
    assert {"400", "[c]"} <= set(texts(charts.draw(EVERY["stages"]().to_dict())))
    assert "300, 75% of the stage before" in texts(charts.draw(EVERY["stages"]().to_dict()))
    assert {"17 → 21", "[c]"} <= set(texts(charts.draw(EVERY["change"]().to_dict())))


@pytest.mark.parametrize(
    "draw",
    ["signal", "signals", *(name for name in EVERY if name != "signal"), "heat"],
)
def test_an_unprotected_table_is_refused(draw):
    with pytest.raises(DataError, match="not protected"):
        getattr(charts, draw)(pd.DataFrame({"interval": [1], "value": [1.0]}))


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="bar chart: the table has no column value"):
        charts.bars(rows().drop(columns="value"))


def test_a_table_without_rows_is_said_in_words():
    shown = charts.bars(rows().head(0), "Success by team")
    assert shown == display.Text("*Success by team: there is nothing to show.*")


def test_labels_are_moved_apart_but_stay_in_order():
    places = spread([0.5, 0.51, 0.1, 0.0], gap=0.1, lowest=0.05)
    assert places[3] < places[2] < places[0] < places[1]
    assert min(np.diff(sorted(places))) >= 0.1 - 1e-9
    assert min(places) >= 0.05
    assert spread([0.2, 0.8], gap=0.1, lowest=0) == [0.2, 0.8]


# --- outcome against how often people are seen --------------------------------------------------


def dose(people=400):
    frame = pd.DataFrame({"exposure": [0.5, 1.5, 2.5, 4.0], "people": people})
    frame = frame.assign(fitted=[0.3, 0.5, 0.7, 0.4], quadratic=[0.3, 0.5, 0.6, 0.5])
    frame = frame.assign(lower=frame["fitted"] - 0.1, upper=frame["fitted"] + 0.1)
    shares = ["fitted", "quadratic", "lower", "upper"]
    return protect(
        frame, people=["people"], estimates=dict.fromkeys(shares, "people"), plain=["exposure"]
    )


def test_a_curve_names_its_top_and_the_range_that_is_shaded():
    chart = charts.dose_response(dose(), "Success by contact", shaded=(2.0, 3.25))
    assert chart.description == (
        "Curve of Success by contact. From 30% at 0.5 over 70% at 2.5, the highest, to 40% at 4. "
        "Shaded: 2 to 3.25."
    )
    drawn = charts.draw(chart.to_dict(), charts.NARROW)
    assert "best: 2 to 3.25" in drawn


def test_a_range_without_end_reaches_the_end_of_the_curve():
    chart = charts.dose_response(dose(), shaded=(2.0, None))
    assert chart.to_dict()["datasets"]["best"] == [
        {"low": 2.0, "high": 4.0, "middle": 3.0, "words": "best: 2 or more"}
    ]


def test_a_range_beyond_the_curve_stays_inside_the_chart():
    chart = charts.dose_response(dose(), shaded=(4.25, None))
    best = chart.to_dict()["datasets"]["best"][0]
    assert (best["low"], best["high"]) == (4.0, 4.0)


def test_a_rival_curve_is_told_apart_by_more_than_its_colour():
    drawn = charts.draw(
        charts.dose_response(dose(), "As by a quadratic", rival="quadratic").to_dict()
    )
    assert "These data" in drawn and "Quadratic" in drawn and "stroke-dasharray" in drawn


def test_a_curve_of_few_people_is_not_drawn():
    assert "there is nothing to show" in charts.dose_response(dose(12), "Curve").markdown


def test_a_histogram_says_that_its_last_bar_is_open_and_marks_what_is_hidden():
    frame = pd.DataFrame(
        {"from": [0.0, 1.0, 2.0], "to": [1.0, 2.0, 3.0], "step": ["0 to 1", "1 to 2", "2 or more"]}
    ).assign(people=[40, 3, 20])
    table = protect(frame, people=["people"], plain=["from", "to"])
    chart = charts.histogram(table, "How often people were seen")
    drawn = charts.draw(chart.to_dict())
    assert "Contacts a week (last bar: 2 or more)" in drawn and "[c]" in drawn
    assert "0 to 1: 40" in chart.description


@pytest.mark.parametrize("draw", [charts.dose_response, charts.histogram])
def test_frequency_charts_take_protected_tables_only(draw):
    with pytest.raises(DataError, match="not protected"):
        draw(pd.DataFrame({"exposure": [1.0]}))
