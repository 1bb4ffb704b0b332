"""The part of the settings that says who clients are, and whom the service is meant for."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import Field, model_validator

from workbench.settings.parts import Part, Text, nearest

OTHERS = "others"
NEEDS = "needs"  # what points for needs are given under, beside the attributes
LONGEST_NAME = 60


class Declared(Part):
    """A segment that an organisation has declared: clients of whom all of its rules hold."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    where: dict[str, Text] = Field({}, description="attribute = one of these values")
    at_least: dict[str, float] = Field({}, description="attribute that is a number = from")
    at_most: dict[str, float] = Field({}, description="attribute that is a number = up to")
    needs: tuple[str, ...] = Field((), description="any of these needs")

    @model_validator(mode="after")
    def _whole(self) -> "Declared":
        if self.name.casefold() == OTHERS:
            raise ValueError(f"name: {OTHERS!r} are those whom no segment fits. Name it otherwise")
        if not (self.where or self.at_least or self.at_most or self.needs):
            raise ValueError(
                f"{self.name!r} has no rule, and everyone would be in it. Give it where, at_least, "
                "at_most or needs"
            )
        for name in self.at_least.keys() & self.at_most.keys():
            if self.at_least[name] > self.at_most[name]:
                raise ValueError(
                    f"{self.name!r}: {name} is at least {self.at_least[name]:g} and at most "
                    f"{self.at_most[name]:g}, which nobody can be"
                )
        return self

    def values(self, attribute: str) -> list[str]:
        """The values of an attribute that are allowed."""
        allowed = self.where[attribute]
        return [allowed] if isinstance(allowed, str) else list(allowed)


class Scorecard(Part):
    """How likely somebody is in the target group, from points for answers (Schreiner 2015)."""

    target_group: str = Field("", description="whom the service is meant for, in words")
    target: float | None = Field(None, ge=0, le=1, description="the share of clients aimed for")
    points: dict[str, dict[str, int]] = Field({}, description="attribute -> answer -> points")
    likelihood: tuple[tuple[float, float, float], ...] = Field(
        (), description="points from, points to, likelihood"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Scorecard":
        if problems := list(self._problems()):
            raise ValueError(". ".join(problems))
        return self

    @property
    def range(self) -> tuple[int, int]:
        """The fewest and the most points that somebody can have."""
        lowest = highest = 0
        for attribute, points in self.points.items():
            given = list(points.values())
            if attribute == NEEDS:
                lowest += sum(min(each, 0) for each in given)
                highest += sum(max(each, 0) for each in given)
            elif given:
                lowest, highest = lowest + min(given), highest + max(given)
        return lowest, highest

    def _problems(self) -> Iterator[str]:
        if bool(self.points) != bool(self.likelihood):
            yield "points and likelihood: a scorecard needs both"
            return
        for low, high, chance in self.likelihood:
            if low > high or low % 1 or high % 1:
                yield f"likelihood: {low:g} to {high:g}: give whole points, from low to high"
            if not 0 <= chance <= 1:
                yield f"likelihood: {chance:g} is not between 0 and 1"
        bands = sorted(self.likelihood)
        for before, after in pairwise(bands):
            if after[0] <= before[1]:
                yield f"likelihood: {_said(before)} and {_said(after)} points overlap"
            elif after[0] > before[1] + 1:
                yield f"likelihood: no band between {_said(before)} and {_said(after)} points"
        low, high = self.range
        if bands and (bands[0][0] > low or bands[-1][1] < high):
            yield (
                f"likelihood: answers can give {low} to {high} points, and the bands go from "
                f"{bands[0][0]:g} to {max(band[1] for band in bands):g}"
            )


class Segments(Part):
    """Groups of clients, declared or found."""

    weeks: int = Field(8, gt=0, description="contact in weeks 1 to this; outcomes count after")
    declared: tuple[Declared, ...] = Field((), description="in order: the first that fits counts")
    meant_for: tuple[str, ...] = Field((), description="segments that the service is meant for")
    profile: dict[str, float] = Field({}, description="segment = the share of clients planned")
    reference: str = Field("", description="attribute whose values are groups of `populations`")
    reach_months: int = Field(12, gt=0, description="reached: with us in the last so many months")
    scorecard: Scorecard = Scorecard()
    using: tuple[str, ...] = Field(
        (), description="what found segments are made of; empty: case mix, age, contact, needs"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Segments":
        if problems := list(self._problems()):
            raise ValueError(". ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        names = [each.name for each in self.declared]
        for name in sorted({each for each in names if names.count(each) > 1}):
            yield f"declared: {name!r} stands twice"
        for name in self.meant_for:
            if name not in names:
                yield f"meant_for: there is no segment {name!r}{_near(name, names)}"
        for name, share in self.profile.items():
            if name not in (*names, OTHERS):
                yield f"profile: there is no segment {name!r}{_near(name, (*names, OTHERS))}"
            if not 0 <= share <= 1:
                yield f"profile: {name!r}: {share:g} is not a share between 0 and 1"
        if sum(self.profile.values()) > 1 + 1e-9:
            yield f"profile: the shares add up to {sum(self.profile.values()):g}, more than 1"


def _said(band: tuple[Any, ...]) -> str:
    return f"{band[0]:g} to {band[1]:g}"


def _near(name: str, names: Any) -> str:
    """The nearest name, within a sentence that goes on."""
    hint = nearest(name, names).removeprefix(". ").removesuffix(".")
    return f" ({hint[:1].lower()}{hint[1:]})" if hint else ""
