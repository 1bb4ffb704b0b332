"""The tables behind the charts of contact frequency: aggregated, protected, ready to be drawn."""

import numpy as np
import pandas as pd

from workbench import disclosure, words
from workbench.analyses.sweet_spot.study import Study

PLACES = 40  # of the curve that are drawn
WIDTHS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)  # of a band, in contacts a week
MOST_BANDS = 8


def curve_table(of: Study) -> pd.DataFrame:
    """The curve of success against contacts a week; no rows where there is none.

    One row a frequency: exposure (contacts a week), people (behind the whole curve), fitted, lower,
    upper (95 %), quadratic (what a quadratic would have drawn); shares. Protected.
    """
    curve = of.result.curve
    places = np.linspace(0, len(curve) - 1, min(PLACES, len(curve))).astype(int)
    frame = curve.iloc[places].reset_index(drop=True).assign(people=of.result.n)
    shares = ["fitted", "lower", "upper", "quadratic"]
    frame[shares] = frame[shares].clip(0, 1) if of.result.shares else np.nan
    frame["exposure"] = frame["exposure"].round(2)
    return disclosure.protect(
        frame[["exposure", "people", *shares]],
        people=["people"],
        estimates=dict.fromkeys(shares, "people"),
        plain=["exposure"],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def bands_table(of: Study, registered: bool = False) -> pd.DataFrame:
    """How those came out who were seen so often: plain counts, adjusted for nothing.

    One row a band: contacts ("1 to 2", from the first number up to, not including, the second),
    people, known (outcome known), reached, share (of known), lower, upper (95 %). `registered`: the
    bands of settings, both ends inside, instead of bands of equal width. Protected.
    """
    people = of.people
    if registered:
        edges = [(band[0], band[1] if len(band) > 1 else np.inf) for band in of.asked.bands]
        inside = [people["contacts"].between(low, high) for low, high in edges]
    else:
        edges = _edges(people["contacts"])
        inside = [people["contacts"].between(low, high, inclusive="left") for low, high in edges]
    rows = [
        {
            "contacts": _named(low, high),
            "people": int(each.sum()),
            "known": int((each & people["success"].notna()).sum()),
            "reached": int((each & (people["success"] == 1)).sum()),
        }
        for (low, high), each in zip(edges, inside, strict=True)
    ]
    columns = ["contacts", "people", "known", "reached"]
    return disclosure.protect(
        pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], int)),
        people=columns[1:],
        ratios={"share": ("reached", "known")},
        intervals={("lower", "upper"): ("reached", "known")},
        within=[()],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def histogram_table(of: Study) -> pd.DataFrame:
    """How many people were seen how often.

    One row a step: from, to (contacts a week), step (in words), people. Protected.
    """
    edges = _edges(of.people["contacts"], halved=True)
    rows = [
        {
            "from": low,
            "to": edges[-1][0] + (edges[0][1] - edges[0][0]) if high == np.inf else high,
            "step": _named(low, high),
            "people": int(of.people["contacts"].between(low, high, inclusive="left").sum()),
        }
        for low, high in edges
    ]
    return disclosure.protect(
        pd.DataFrame(rows, columns=["from", "to", "step", "people"]).astype({"people": int}),
        people=["people"],
        plain=["from", "to"],
        within=[()],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def tests_table(of: Study) -> pd.DataFrame:
    """The tests behind the verdict, for readers who expect them; no rows where there is no curve.

    One row a test: test, people, rise and fall (share per weekly contact on the low and the high
    side, or at the low and the high end), z_rise, z_fall (in standard errors), turns (contacts a
    week), turns_between (95 %, of the U-test), chance (of its rise and fall). Protected.
    """
    lines, test = of.result.two_lines, of.result.u_test
    frame = pd.DataFrame(
        {
            "test": ["two-lines", "U-test"],
            "people": of.result.n,
            "rise": [lines.slope_low, test.slope_low],
            "fall": [lines.slope_high, test.slope_high],
            "z_rise": np.round([lines.z_low, np.nan], 1),
            "z_fall": np.round([lines.z_high, np.nan], 1),
            "turns": np.round([lines.breakpoint, test.vertex], 1),
            "turns_between": ["", words.sweet_spot.turns_between(test.fieller, test.kind)],
            "chance": ["", words.p_value(test.p)],
        }
    )
    return disclosure.protect(
        frame.iloc[:0] if of.result.curve.empty else frame,
        people=["people"],
        estimates={"rise": "people", "fall": "people"},
        plain=["z_rise", "z_fall", "turns"],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def dropped_table(of: Study) -> pd.DataFrame:
    """Enrolments that are not in the answer, and why: reason, enrolments. Protected."""
    frame = of.dropped.rename_axis("reason").rename("enrolments").reset_index()
    return disclosure.protect(
        frame.astype({"reason": "str"}),
        people=["enrolments"],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def _named(low: float, high: float) -> str:
    return f"{low:g} or more" if high == np.inf else f"{low:g} to {high:g}"


def _edges(contacts: "pd.Series[float]", halved: bool = False) -> list[tuple[float, float]]:
    """Bands of one round width from 0; the last takes in all that is above."""
    if contacts.empty:
        return []
    top = float(contacts.quantile(0.95))
    width = next((each for each in WIDTHS if top / each <= MOST_BANDS), WIDTHS[-1])
    count = min(max(int(top // width), 1), 2 * MOST_BANDS)
    step, steps = (width / 2, 2 * count) if halved else (width, count)
    starts = [step * place for place in range(steps + 1)]
    return list(zip(starts, [*starts[1:], float("inf")], strict=True))
