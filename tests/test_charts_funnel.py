"""The funnel chart: what it draws, what it says, and names that do not lie on each other."""

import numpy as np
import pandas as pd
import pytest

from workbench import charts, disclosure
from workbench.charts.funnel import _EDGES, _box, _Frame, _free, _names, _short, _together
from workbench.charts.style import NARROW, WIDE
from workbench.display import Text
from workbench.errors import DataError
from workbench.words import units as said


def limits(largest):
    size = np.geomspace(1, largest, 40)
    frame = pd.DataFrame({"size": size})
    for name, z in (("95", 1.96), ("998", 3.09)):
        frame[f"lower_{name}"] = np.maximum(1 - z / np.sqrt(size), 0)
        frame[f"upper_{name}"] = 1 + z / np.sqrt(size)
    return disclosure.protect(frame, plain=list(frame.columns))


def table(sizes, values, names=None, readings=None):
    names = names or [f"Team {n + 1}" for n in range(len(sizes))]
    readings = readings or [said.WITHIN] * len(sizes)
    frame = pd.DataFrame({"unit": names, "size": sizes, "value": values, "reading": readings})
    return disclosure.protect(
        frame.astype({"size": float, "value": float}), plain=["unit", "size", "value"]
    )


READINGS = [said.WITHIN, said.OUTSIDE["95"], said.OUTSIDE["99.8"], said.CANNOT_TELL]


def spec(*given, **more):
    return charts.funnel(*given, **more).to_dict()


def test_colour_is_not_the_only_sign():
    drawn = spec(table([50, 60, 70, 8], [1, 1.4, 1.9, 2], readings=READINGS), limits(80))
    scales = {}
    for layer in drawn["layer"]:
        for channel in ("shape", "stroke", "fill"):
            if channel in layer.get("encoding", {}):
                scales[channel] = layer["encoding"][channel]["scale"]
    assert scales["shape"]["domain"] == READINGS
    assert len(set(zip(scales["shape"]["range"], scales["fill"]["range"], strict=True))) == 4
    assert scales["shape"]["range"][:3] == ["circle", "diamond", "triangle-up"]


def test_it_says_in_words_what_it_shows():
    frame = table([50, 60, 70, 8], [1, 1.4, 1.9, np.nan], readings=[*READINGS[:3], said.TOO_FEW])
    assert spec(frame, limits(80), "Success by team")["description"] == (
        "Funnel of Success by team: 3 units around 1, with the limits of chance. Team 1: 1, within "
        "limits; Team 2: 1.4, beyond 95%; Team 3: 1.9, beyond 99.8%. 1 unit not shown."
    )
    many = table([50] * 12, [1.0] * 11 + [2], readings=[said.WITHIN] * 11 + [said.OUTSIDE["99.8"]])
    told = spec(many, limits(80), "Success by team")["description"]
    assert "Team 12: 2, beyond 99.8%. 11 units more within them" in told


def test_the_table_behind_it_holds_every_unit_and_no_limit_beyond_the_axes():
    drawn = spec(table([50, 60], [1, np.nan], readings=[said.WITHIN, said.TOO_FEW]), limits(80))
    assert [row["unit"] for row in drawn["datasets"]["table"]] == ["Team 1", "Team 2"]
    low, high = drawn["layer"][0]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    low, high = low - 1e-6, high + 1e-6
    for row in drawn["datasets"]["limits"]:
        assert all(low <= row[end] <= high for end in ("from", "to"))
        assert all(row[edge] is None or low <= row[edge] <= high for edge in _EDGES)
    assert "clip" not in str(drawn)  # one chart's clipping is taken for another's on a page


@pytest.mark.parametrize("many", [3, 12, 60])
def test_names_lie_on_nothing_else_and_those_that_stand_out_come_first(many):
    dice = np.random.default_rng(many)
    sizes, values = dice.uniform(10, 120, many), dice.normal(1, 0.2, many)
    readings = [said.OUTSIDE["95"] if abs(v - 1) > 0.3 else said.WITHIN for v in values]
    frame, edges = table(sizes, values, readings=readings), limits(130)
    axes = _Frame.of(frame, edges, 1.0, "number", "Size")
    named = _names(frame, edges, axes, 1.0)
    boxes = [
        _box(
            axes.place(row["size"], row["value"]),
            (row["align"], row["dx"], row["dy"]),
            len(row["name"]),
        )
        for row in named
    ]
    for n, box in enumerate(boxes):
        assert _free(box, boxes[:n] + boxes[n + 1 :])
    assert len([row for row in named if row["name"].startswith("Team")]) >= min(many, 3)


def test_names_lie_on_the_line_in_the_middle_only_where_there_is_no_other_room():
    frame, edges = table([40, 80], [1.0, 0.99]), limits(130)
    axes = _Frame.of(frame, edges, 1.0, "number", "Size")
    middle = axes.place(40, 1.0)[1]
    for row in _names(frame, edges, axes, 1.0):
        side = row["align"], row["dx"], row["dy"]
        _, top, _, bottom = _box(axes.place(row["size"], row["value"]), side, len(row["name"]))
        assert not top <= middle <= bottom


def test_long_names_are_cut_in_the_middle_and_those_of_one_place_stand_together():
    long = "The Northern Harbour and Millbrook outreach service, building 5"
    assert _short(long) == "The Northern…, building 5"
    assert _together(["North", "West"]) == "North, West"
    assert _together([long] * 3) == "The Northern…, building 5 and 2 more"
    drawn = spec(table([40, 40, 80], [1.2, 1.2, 0.9], ["North", "West", "South"]), limits(90))
    assert {"North, West", "South"} < {row["name"] for row in drawn["datasets"]["names"]}


def test_one_huge_unit_leaves_room_for_the_others():
    drawn = spec(table([20, 30, 40, 4000], [1, 1.1, 0.9, 1]), limits(4200))
    assert drawn["layer"][0]["layer"][0]["encoding"]["x"]["scale"]["type"] == "sqrt"
    near = spec(table([20, 30, 40], [1, 1.1, 0.9]), limits(42))
    assert near["layer"][0]["layer"][0]["encoding"]["x"]["scale"]["type"] == "linear"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_can_be_drawn(width):
    hostile = "<script>alert('x')</script>"
    frame = table([50, 60, 70, 8], [1, 1.4, 1.9, 2], [hostile, "B", "C", "D"], READINGS)
    drawn = charts.draw(spec(frame, limits(80), "Success", size="Expected"), width)
    assert "<svg" in drawn and "<script" not in drawn
    assert "Expected" in drawn and "beyond 99.8%" in drawn


def test_shares_are_written_as_shares():
    frame = table([50, 60], [0.4, 0.55])
    edges = limits(80)
    for edge in _EDGES:
        edges[edge] = 0.3 * edges[edge].astype(float).clip(0, 3)
    drawn = spec(frame, edges, "Success", unit="percent", centre=0.5)
    assert "2 units around 50%" in drawn["description"] and "Team 2: 55%" in drawn["description"]
    assert drawn["usermeta"]["workbench"]["kinds"]["value"] == "percent"


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match="not protected"):
        charts.funnel(pd.DataFrame({"unit": ["A"]}), limits(5))
    with pytest.raises(DataError, match="has no column reading"):
        charts.funnel(table([5], [1]).drop(columns="reading"), limits(5))
    with pytest.raises(DataError, match="has no column upper_998"):
        charts.funnel(table([5], [1]), limits(5).drop(columns="upper_998"))
    hidden = table([5], [np.nan], readings=[said.TOO_FEW])
    assert isinstance(charts.funnel(hidden, limits(5), "Success"), Text)
