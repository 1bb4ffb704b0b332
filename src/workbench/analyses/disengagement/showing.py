"""What the model is made of, as it may be told: its card, terms, inputs then and now."""

import numpy as np
import pandas as pd

from workbench import disclosure, words
from workbench.analyses.disengagement.caseload import bands, listed
from workbench.analyses.disengagement.checking import protected
from workbench.analyses.disengagement.cohort import today, with_features
from workbench.analyses.disengagement.study import Study
from workbench.disclosure import release
from workbench.words.disengagement import feature as said

MOVED = 0.25  # standard deviations that the mean of an input may move
BEYOND = 3.0  # and standard errors that it has to


def terms_table(of: Study) -> pd.DataFrame:
    """What raises the chance, and what lowers it: one row a column of the model, strongest first.

    what, odds_ratio (for one standard deviation more, at the same values of all others), direction
    ("raises", "lowers"). The terms stand together: one of two alike can carry the sign of both.
    """
    terms = of.model.terms
    strong = np.abs(terms["coefficient"])
    terms = terms.assign(strong=strong).sort_values("strong", ascending=False)
    frame = pd.DataFrame(
        {
            "what": [
                said(str(feature), str(word))
                for feature, word in zip(terms["feature"], terms["word"], strict=True)
            ],
            "odds_ratio": terms["odds_ratio"].round(2),
            "direction": np.where(terms["coefficient"] > 0, "raises", "lowers"),
        }
    ).reset_index(drop=True)
    return protected(of, frame, plain=["odds_ratio"])


def ages_table(of: Study) -> pd.DataFrame:
    """How well each feature tells alone, on the last date and from data a week older.

    what, people, now, before: the chance that somebody who leaves has the larger value. Protected.
    """
    people = int((of.people.rows["as_of_date"] == of.people.rows["as_of_date"].max()).sum())
    plain = of.ages[~of.ages["feature"].str.contains(": ")]
    frame = pd.DataFrame(
        {
            "what": [said(name) for name in plain["feature"]],
            "people": people,
            "now": plain["now"].to_numpy(float),
            "before": plain["before"].to_numpy(float),
        }
    )
    return protected(of, frame, people=["people"], estimates={"now": "people", "before": "people"})


def drift_table(of: Study) -> pd.DataFrame:
    """Whether people today are like those it was learnt from: one row a feature of numbers.

    what, clients_then, then, clients_now, now (means), shift (in standard deviations of then),
    reading: "moved" where the mean lies a quarter of a standard deviation away, and three standard
    errors, else "as before". Protected.
    """
    then, (now, _) = of.people.rows, with_features(of.data, [today(of.data)], of.asked)
    numeric = [
        name
        for name in of.people.features
        if name in now and pd.api.types.is_numeric_dtype(then[name]) and then[name].notna().any()
    ]
    frame = pd.DataFrame(
        [
            {
                "what": said(name),
                "clients_then": int(then.loc[then[name].notna(), "client_id"].nunique()),
                "then": float(then[name].mean()),
                "clients_now": int(now.loc[now[name].notna(), "client_id"].nunique()),
                "now": float(now[name].mean()),
                "sd": float(then[name].std()),
            }
            for name in numeric
        ],
        columns=["what", "clients_then", "then", "clients_now", "now", "sd"],
    )
    spread = frame.pop("sd").replace(0, np.nan).to_numpy(float)
    people = frame["clients_now"].to_numpy(float)
    coarse = np.fmax(0.1, np.ceil(30 / (spread * np.fmax(people, 1))) / 10)  # three sums fit in
    shift = np.round((frame["now"] - frame["then"]).to_numpy(float) / spread / coarse) * coarse
    table = protected(
        of,
        frame.assign(shift=np.round(shift, 1)),
        people=["clients_then", "clients_now"],
        means={"then": "clients_then", "now": "clients_now"},
        estimates={"shift": "clients_now"},
    )
    shown = table["shift"].to_numpy(dtype=float, na_value=np.nan)
    far = np.abs(shown) >= np.maximum(MOVED, BEYOND / np.sqrt(np.fmax(people, 1)))
    reading = np.where(np.isnan(shown), "cannot tell", np.where(far, "moved", "as before"))
    return disclosure.extend(table, {"reading": reading})


def bands_table(of: Study) -> pd.DataFrame:
    """How many clients stand in each band of the lists on the day of the report.

    band, clients. No names: each caseworker's own list is `caseload`. Protected.
    """
    rows = listed(of.data, of.model)
    band = bands(rows, of.asked.calls_a_week, of.model)
    order = {name: place for place, name in enumerate(words.disengagement.BANDS)}
    first = rows.assign(band=band, order=band.map(order)).sort_values("order")
    counted = first.drop_duplicates("client_id")["band"].value_counts()
    frame = pd.DataFrame(
        {"band": list(order), "clients": [int(counted.get(name, 0)) for name in order]}
    )
    return protected(of, frame, people=["clients"], within=[()])


def card_table(of: Study) -> pd.DataFrame:
    """The model card: what it is for, made from, and not to be used for; facts, one a row.

    item, what. Counts of people as they may be told (Mitchell et al. 2019, model cards).
    """
    profile = of.data.settings.disclosure.profile
    about = of.model.about
    counts = release([about["people"], about["events"]], profile)
    facts = words.disengagement.card(
        horizon=int(about["horizon_days"]),
        no_contact_days=int(about["no_contact_days"]),
        dates=(min(about["as_of_dates"]), max(about["as_of_dates"]), len(about["as_of_dates"])),
        people=None if pd.isna(counts[0]) else int(counts[0]),
        left=None if pd.isna(counts[1]) else int(counts[1]),
        features=[said(name) for name in dict.fromkeys(c.feature for c in of.model.columns)],
        left_out={said(name): why for name, why in of.model.left_out.items()},
        rule=said(of.model.rule[0]) if of.model.rule else "none",
        verdict=of.verdict,
        later=bool(of.tested_on),
        data=str(about["data"])[:16],
    )
    return pd.DataFrame(facts, columns=["item", "what"])
