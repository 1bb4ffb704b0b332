"""What stands beside the verdict: what it allows for, how sure it is, what others would say."""

from workbench import words
from workbench.analyses.sweet_spot.bands import FEWEST
from workbench.analyses.sweet_spot.study import Study
from workbench.analyses.sweet_spot.tables import bands_table


def told(of: Study) -> str:
    """What the verdict allows for, what it would have found, what could lie behind it, what to do.

    In Markdown, from numbers that may be published.
    """
    result, say = of.result, words.sweet_spot
    sure = [
        say.adjusted(result.adjusted_for, workers=result.workers > 0),
        say.power(result.power),
        say.strength(result.e_value),
    ]
    to_do = f"**What to do about it.** {say.TO_DO[of.verdict]}"
    if result.curve.empty:
        return to_do
    return f"**What it allows for.** {' '.join(each for each in sure if each)}\n\n{to_do}"


def how_asked(of: Study) -> str:
    """What is counted, for whom, and what reaching the outcome means. In Markdown."""
    settings = of.data.settings
    return words.sweet_spot.how_asked(
        settings.outcomes.success,
        of.asked.weeks,
        settings.outcomes.horizon_days,
        of.asked.attended_only,
    )


def registered(of: Study) -> str:
    """What the bands say that were fixed before outcomes were looked at; empty without bands."""
    if not of.asked.bands or of.asked.bands_written is None:
        return ""
    compared = of.result.bands
    enough = compared is not None and compared.enough
    agree = of.result.verdict == "sweet spot" if enough else None
    shown = bands_table(of, registered=True)
    shares = [None if row != row else float(row) for row in shown["share"].astype(float)]
    return words.sweet_spot.registered(
        of.asked.bands, of.asked.bands_written, agree, FEWEST, shares
    )


def shortcut(of: Study) -> str:
    """What a quadratic, the usual shortcut, would have claimed; empty where there is no curve."""
    test = of.result.u_test
    if of.result.curve.empty:
        return ""
    claimed = test.slope_low > 0 > test.slope_high and test.z_squared < -1.96
    return words.sweet_spot.quadratic(test.vertex, claimed)
