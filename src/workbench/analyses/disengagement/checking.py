"""How the lists would have done, as it may be told: found, calibrated, fair, and acted on."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench import definitions, disclosure, groups, words
from workbench.analyses.disengagement.evaluating import BOOSTED, MODEL, RULE
from workbench.analyses.disengagement.study import Study
from workbench.statistics import difference_interval

BANDS = 5
SOON_DAYS = 7
FEWEST_LEAVERS = 20  # in a group and among the others, before recall is compared
LISTED = {RULE: "listed_by_rule", MODEL: "listed_by_model", BOOSTED: "listed_by_boosted"}


def dates_table(of: Study) -> pd.DataFrame:
    """Whom it was learnt from and tested on: one row each.

    use, as_of_dates (how many), clients, people_days (a client once for each date), left, share,
    gone (had left, and it was not on record yet). Protected.
    """
    rows, gone = of.people.rows, of.people.gone
    tested = pd.to_datetime(pd.Series(of.tested_on, dtype="object"))
    parts = {"to test on": True, "to learn from": False}
    if not of.tested_on:
        parts = {"to learn from, and by turns to test on": False}
    frame = pd.DataFrame(
        [
            {"use": use, "as_of_dates": len(of.tested_on if test else of.learnt_from)}
            | _counts(rows[rows["as_of_date"].isin(tested) == test])
            | {
                "gone": int(
                    gone.loc[gone["as_of_date"].isin(tested) == test, "client_id"].nunique()
                )
            }
            for use, test in reversed(parts.items())
        ]
    )
    return protected(
        of,
        frame,
        people=["clients", "left", "gone"],
        events={"people_days": "clients"},
        ratios={"share": ("left", "people_days")},
        plain=["as_of_dates"],
    )


def found_table(of: Study) -> pd.DataFrame:
    """What each ranking found on lists of the same length, on later dates: one row each.

    ranking, clients (behind the lists), listed (places), left, found (leavers on the lists),
    precision (found of listed), recall (found of left; lower, upper), auc (chance that somebody who
    leaves ranks first), with 95 % intervals by bootstrap over clients. Protected.
    """
    rows, exact = of.rows, of.tested.table.set_index("ranking")
    left = rows["label"] == 1
    frame = pd.DataFrame(
        [
            {
                "ranking": words.disengagement.RANKINGS[name],
                "clients": int(rows["client_id"].nunique()),
                "listed": int(rows[column].sum()),
                "left": int(left.sum()),
                "found": int((rows[column] & left).sum()),
                **exact.loc[name, list(_ENDS)].astype(float).to_dict(),
                "lower": exact.at[name, "recall_lower"],
                "upper": exact.at[name, "recall_upper"],
            }
            for name, column in LISTED.items()
        ]
    )
    table = protected(
        of,
        frame,
        people=["clients", "left", "found"],
        events={"listed": "clients"},
        ratios={"precision": ("found", "listed"), "recall": ("found", "left")},
        estimates=dict.fromkeys((*_ENDS, "lower", "upper"), "clients"),
    )
    front = ["ranking", "left", "found", "recall", "lower", "upper", "listed", "precision"]
    return table[[*front, "precision_lower", "precision_upper", *_ENDS[:3], "clients", "note"]]


_ENDS = ("auc", "auc_lower", "auc_upper", "precision_lower", "precision_upper")


def calibration_table(of: Study) -> pd.DataFrame:
    """The chance that was given, and how many left: one row a fifth of the test, least risk first.

    fifth, clients, people_days, expected (mean chance), left, observed, lower, upper (95 %,
    Wilson). Protected.
    """
    rows = of.rows
    order = rows["chance"].rank(method="first")
    fifth = np.minimum((order - 1) * BANDS // max(len(rows), 1), BANDS - 1).astype(int)
    named = words.disengagement.FIFTHS
    frame = pd.DataFrame(
        [
            {"fifth": name, "expected": part["chance"].mean()} | _counts(part)
            for name, part in ((name, rows[fifth == at]) for at, name in enumerate(named))
            if len(part)
        ],
        columns=["fifth", "expected", "clients", "people_days", "left"],
    )
    return protected(
        of,
        frame,
        people=["clients", "left"],
        events={"people_days": "clients"},
        ratios={"observed": ("left", "people_days")},
        intervals={("lower", "upper"): ("left", "people_days")},
        estimates={"expected": "clients"},
    )


def fairness_table(of: Study) -> pd.DataFrame:
    """Whether leavers are found alike in every group, by the ranking that the list uses.

    One row a group of each attribute of `fair_to`: attribute, group, clients, left, share_left,
    found, recall, lower, upper (95 %, Wilson), stayed (person-days of those who stayed), flagged
    (of them on a list), false_positive_rate, fpr_lower, fpr_upper, reading: "found less often",
    "found more often", "no clear difference" or "too few to say", from recall against all other
    groups, the level shared by all the groups compared (Bonferroni). Protected.
    """
    rows = of.rows.assign(listed=of.rows[_used(of)], entry=of.rows["start_date"])
    found = []
    for name in of.asked.fair_to:
        if name not in groups.attributes(of.data):
            continue
        labelled = groups.labelled(of.data, rows, name)
        counted = [{"group": str(key), **_group(part)} for key, part in labelled.groupby("group")]
        found.append(pd.DataFrame(counted).assign(attribute=name.replace("_", " ")))
    columns = ["attribute", "group", "clients", "left", "found", "stayed", "flagged"]
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    numbers = columns[2:]
    table = protected(
        of,
        frame[columns].astype(dict.fromkeys(numbers, int)),
        people=["clients", "left", "found"],
        events={"stayed": "clients", "flagged": "clients"},
        ratios={
            "share_left": ("left", "clients"),
            "recall": ("found", "left"),
            "false_positive_rate": ("flagged", "stayed"),
        },
        intervals={
            ("lower", "upper"): ("found", "left"),
            ("fpr_lower", "fpr_upper"): ("flagged", "stayed"),
        },
        within=["attribute"],
    )
    return disclosure.extend(table, {"reading": _readings(table)})


def reached_table(of: Study) -> pd.DataFrame:
    """Who of those on the lists was seen in the week after, so as not to learn that calls worked.

    One row for those on the list and one for the others: on_the_list, clients, people_days, seen,
    share. Lists that were acted on change what happens. Protected.
    """
    rows = of.rows
    seen = definitions.kept(of.data)
    seen = seen.select("enrolment_id", day=seen.contact_date.cast("date")).distinct().to_pandas()
    pairs = rows[["enrolment_id", "as_of_date"]].merge(seen, "inner", "enrolment_id")
    after = pd.to_datetime(pairs["day"]) - pairs["as_of_date"]
    soon = pairs[(after > timedelta(0)) & (after <= timedelta(days=SOON_DAYS))]
    keys = pd.MultiIndex.from_frame(rows[["enrolment_id", "as_of_date"]])
    reached = keys.isin(pd.MultiIndex.from_frame(soon[["enrolment_id", "as_of_date"]]))
    rows = rows.assign(seen=reached)
    frame = pd.DataFrame(
        [
            {"on_the_list": said, "clients": part["client_id"].nunique(), "people_days": len(part),
             "seen": int(part["seen"].sum())}
            for said, part in (("yes", rows[rows[_used(of)]]), ("no", rows[~rows[_used(of)]]))
        ]
    )  # fmt: skip
    return protected(
        of,
        frame,
        people=["clients"],
        events={"people_days": "clients", "seen": "clients"},
        ratios={"share": ("seen", "people_days")},
    )


def told(of: Study) -> str:
    """The verdict in words, from numbers that may be told."""
    table = found_table(of).set_index("ranking")
    rule, model = (table.loc[words.disengagement.RANKINGS[name]] for name in (RULE, MODEL))
    events = max(of.tested.events, 1)
    low, high = (end / events for end in of.tested.extra_interval)
    frame = pd.DataFrame(
        {"clients": [int(of.rows["client_id"].nunique())], "learnt": of.tested.training_events}
    ).assign(low=low, high=high)
    row = protected(
        of, frame, people=["clients", "learnt"], estimates={"low": "clients", "high": "clients"}
    ).iloc[0]
    return words.disengagement.told(
        of.verdict,
        shares=(_known(rule["recall"]), _known(model["recall"])),
        interval=(_known(row["low"]), _known(row["high"])),
        listed=_known(model["listed"]),
        learnt=_known(row["learnt"]),
        left=_known(model["left"]),
    )


def stayed_anyway(of: Study) -> str:
    """The share of those on the list who would have stayed anyway, in words."""
    row = found_table(of).set_index("ranking").loc[words.disengagement.RANKINGS[_ranking(of)]]
    share = row["precision"]
    return words.disengagement.stayed_anyway(None if pd.isna(share) else 1 - float(share))


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _ranking(of: Study) -> str:
    return MODEL if of.verdict == "use the model" else RULE


def _used(of: Study) -> str:
    """The column of those on the list by the ranking that the list uses."""
    return LISTED[_ranking(of)]


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "clients": int(rows["client_id"].nunique()),
        "people_days": len(rows),
        "left": int(rows["label"].sum()),
    }


def _group(rows: pd.DataFrame) -> dict[str, int]:
    left, listed = rows["label"] == 1, rows["listed"]
    return {
        "clients": int(rows["client_id"].nunique()),
        "left": int(left.sum()),
        "found": int((left & listed).sum()),
        "stayed": int((~left).sum()),
        "flagged": int((~left & listed).sum()),
    }


def _readings(table: pd.DataFrame) -> list[str]:
    """What recall says of each group, from released counts alone."""
    counts = table[["left", "found"]].astype("Float64")
    counts = counts.where(counts.notna().all(axis=1))
    others = counts.groupby(table["attribute"]).transform("sum") - counts
    known = counts["left"].ge(FEWEST_LEAVERS).fillna(value=False)
    known &= others["left"].ge(FEWEST_LEAVERS).fillna(value=False)
    said = pd.Series("too few to say", table.index, dtype="object")
    if known.any():
        level = 1 - 0.05 / int(known.sum())
        here, there = counts[known].to_numpy(float), others[known].to_numpy(float)
        low, high = difference_interval(
            (here[:, 1], here[:, 0]), (np.minimum(there[:, 1], there[:, 0]), there[:, 0]), level
        )
        said[known] = np.select(
            [high < 0, low > 0], ["found less often", "found more often"], "no clear difference"
        )
    return list(said)


def protected(of: Study, frame: pd.DataFrame, **roles: Any) -> pd.DataFrame:
    """A table of this study, as its settings let it be told."""
    told = of.data.settings.disclosure
    return disclosure.protect(frame, **roles, profile=told.profile, basis=told.basis)
