"""The answers against what one would write by hand: with statsmodels, pandas, numpy."""

import textwrap

from benchmarks.timing import Weight, python, show

PEOPLE, DRAWS, FEWER_DRAWS = 10_000, 1_000, 20

DATA = f"""
import time, warnings
import numpy as np, pandas as pd
dice = np.random.default_rng(0)
n = {PEOPLE}
x = dice.poisson(np.minimum(dice.gamma(1.6, 1.55, n), 8) * 12) / 12
mix = pd.DataFrame(dice.normal(size=(n, 4)), columns=list("abcd"))
chance = 0.2 + 0.18 * np.minimum(x, 2.5) + 0.03 * mix.sum(axis=1)
y = (dice.random(n) < chance.clip(0.02, 0.98)).to_numpy(float)
group = (dice.random(n) < 1 / (1 + np.exp(1 - 0.4 * mix["a"]))).astype(float)
better = dice.random(n) < 0.4 + 0.1 * group + 0.05 * mix["a"]
frame = mix.assign(group=group, outcome=better * 1.0)
"""

FIND = """
from workbench.analyses import sweet_spot
sweet_spot.find(x[:500], y[:500], mix[:500])
started = time.perf_counter()
found = sweet_spot.find(x, y, mix)
print(time.perf_counter() - started, round(found.two_lines.breakpoint, 2))
"""

PORTED = """
import statsmodels.api as sm
from statsmodels.gam.api import BSplines, GLMGam
warnings.simplefilter("ignore")
fixed = np.column_stack([np.ones(n), mix - mix.mean()])

def regress(place):
    found = []
    for k, low in ((1, x <= place), (2, x < place)):
        sides = [np.where(low, x - place, 0), np.where(low, 0, x - place), np.where(low, 0.0, 1.0)]
        fit = sm.OLS(y, np.column_stack([np.ones(n), *sides, mix])).fit(cov_type="HC3")
        found.append(abs(fit.tvalues[k]))
    return found

started = time.perf_counter()
quadratic = sm.OLS(y, np.column_stack([np.ones(n), x, x**2, mix])).fit()
smoother = BSplines(x, df=[10], degree=[3])
model = GLMGam(y, exog=fixed, smoother=smoother, alpha=1.0)
model.fit()
alpha, _, _ = model.select_penweight(criterion="gcv")
fit = GLMGam(y, exog=fixed, smoother=smoother, alpha=alpha).fit()
at = np.column_stack([np.ones(n), np.zeros((n, 4)), smoother.basis])
covariance = np.asarray(fit.cov_params())
curve, error = np.empty(n), np.empty(n)
for i in range(n):
    curve[i] = at[i] @ fit.params
    error[i] = np.sqrt(at[i] @ covariance @ at[i])
low, high = np.quantile(x, [0.1, 0.9])
middle = (x > low) & (x < high)
flat = np.sort(x[middle & (curve + error > curve[middle].max())])
one, two = regress(np.median(flat))
place = np.quantile(flat, two / (one + two))
regress(place)
print(time.perf_counter() - started, round(float(place), 2))
"""

COMPARE = """
from workbench.analyses import comparison
comparison.compare(frame[:500], "group", "outcome", list("abcd"))
started = time.perf_counter()
found = comparison.compare(frame, "group", "outcome", list("abcd"))
low, high = found.adjusted_interval
print(time.perf_counter() - started, f"{found.adjusted_difference:.4f} {low:.3f} {high:.3f}")
"""

REFITTED = f"""
import statsmodels.api as sm
warnings.simplefilter("ignore")
values = sm.add_constant(mix.to_numpy())
g, o = frame["group"].to_numpy(), frame["outcome"].to_numpy()

def estimate(rows):
    v, a, b = values[rows], g[rows], o[rows]
    odds = sm.Logit(a, v).fit(disp=0).predict(v)
    model = sm.Logit(b, np.column_stack([v, a])).fit(disp=0)
    expected = model.predict(np.column_stack([v, np.zeros(n)]))
    weight = np.where(a == 1, 0, odds / (1 - odds))
    return (b - expected)[a == 1].mean() - (weight * (b - expected)).sum() / weight.sum()

started = time.perf_counter()
value = estimate(np.arange(n))
draws = [estimate(dice.integers(0, n, n)) for _ in range({FEWER_DRAWS})]
each = (time.perf_counter() - started) / ({FEWER_DRAWS} + 1)
print(each * {DRAWS + 1}, f"{{value:.4f}}")
"""

CHARTS = """
from workbench.analyses import signals
rows = dice.normal(size=(1000, 36))
def ours(values):
    last = signals.xmr(values, better="up", screen=False).table.iloc[-1]
    return last["mean"], last["lower"], last["upper"]
"""

BY_HAND = """
def by_hand(values):
    mean, moved = values.mean(), values.diff().abs().mean()
    lower, upper = mean - 2.66 * moved, mean + 2.66 * moved
    outside = (values < lower) | (values > upper)
    side = np.sign(values - mean)
    run = side.groupby((side != side.shift()).cumsum()).transform("size") >= 8
    return mean, lower, upper
"""

DRAWN = """
series = [pd.Series(row) for row in rows]
CHART(series[0])
started = time.perf_counter()
found = [CHART(each) for each in series]
print(time.perf_counter() - started, f"{sum(float(each[2]) for each in found):.1f}")
"""

ROWS = """
rows = np.arange(100_000)
table = pd.DataFrame({"month": rows // 100, "site": rows % 100,
                      "succeeded": rows % 37, "clients": rows % 97 + 37})
"""

PROTECTED = """
from workbench.disclosure import protect
def once():
    return protect(table, people=["succeeded", "clients"],
                   ratios={"rate": ("succeeded", "clients")}, within=["month", "site"])
once()
started = time.perf_counter()
found = once()
print(time.perf_counter() - started, f"{len(found):,} rows")
"""

COPIED = """
from io import StringIO
started = time.perf_counter()
table.to_csv(StringIO())
print(time.perf_counter() - started, f"{len(table):,} rows")
"""


def compare() -> None:
    """Print both, side by side: times without the start of Python and its imports."""
    ours, rival = _timed(FIND), _timed(PORTED)
    show(
        f"Sweet spot, {PEOPLE:,} people, 4 covariates (break at {ours.printed}; {rival.printed})",
        [("sweet_spot.find, all of it", ours), ("two-lines, statsmodels GAM and loops", rival)],
        "under 0.1",
    )
    ours, rival = _timed(COMPARE), _timed(REFITTED)
    show(
        f"Comparison, {PEOPLE:,} people, {DRAWS:,} draws ({ours.printed}; {rival.printed})",
        [
            ("comparison.compare, all of it", ours),
            (f"statsmodels in a loop ({FEWER_DRAWS} draws, times {DRAWS // FEWER_DRAWS})", rival),
        ],
        "under 0.1",
    )
    ours = _timed(CHARTS + DRAWN.replace("CHART", "ours"))
    rival = _timed(CHARTS + BY_HAND + DRAWN.replace("CHART", "by_hand"))
    show(
        f"1,000 control charts of 36 months (upper limits add up to {ours.printed}; "
        f"{rival.printed})",
        [("signals.xmr, with every rule", ours), ("pandas by hand: limits and two rules", rival)],
        "under 2",
    )
    ours, rival = _timed(ROWS + PROTECTED), _timed(ROWS + COPIED)
    show(
        f"Protecting a table ({ours.printed})",
        [("disclosure.protect", ours), ("writing the same table with pandas to_csv", rival)],
        "under 2",
    )


def _timed(code: str) -> Weight:
    """Seconds as the code itself measured them, peak memory, and what it found."""
    weight = python(textwrap.dedent(DATA + code))
    seconds, found = weight.printed.split(maxsplit=1)
    return Weight(float(seconds), weight.gib, found)
