"""The proof of a release: what stands in its files is its readers' own, and fit to be shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """A rule that a report breaks: `where` is a place in it; the value is never told."""

    rule: str
    report: str
    where: str
    advice: str


def scan(folder, data, audience, period, told):
    return ()


def differencing(folder, beside):
    return ()


def sentence(breach):
    return f"{breach.report}: withheld, {breach.rule} at {breach.where}. {breach.advice}"
