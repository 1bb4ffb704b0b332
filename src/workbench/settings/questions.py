"""The parts of the settings that say how each question is asked."""

from datetime import date

from pydantic import Field, model_validator

from workbench.settings.parts import Part


class SweetSpot(Part):
    """How often people are seen, set against how they come out."""

    weeks: int = Field(12, gt=0, description="contacts of weeks 1 to this count, outcomes after")
    channels: tuple[str, ...] = Field((), description="only these; empty: all that are contact")
    attended_only: bool = Field(False, description="count kept contacts, not those offered")
    margin: float = Field(0.02, gt=0, lt=1, description="success per weekly contact: no matter")
    bands: tuple[tuple[float, ...], ...] = Field(
        (), description="low, middle and high contacts a week: from, to; the last without end"
    )
    bands_written: date | None = Field(None, description="the day on which the bands were written")
    analysis_dates: tuple[date, ...] = Field((), description="days on which a verdict is issued")

    @model_validator(mode="after")
    def _whole(self) -> "SweetSpot":
        if not self.bands:
            return self
        if len(self.bands) != 3:
            raise ValueError(f"bands: there are {len(self.bands)}, give three: low, middle, high")
        if self.bands_written is None:
            raise ValueError("bands_written: say on which day the bands were written")
        edges = [edge for band in self.bands for edge in band]
        if [len(band) for band in self.bands] not in ([2, 2, 1], [2, 2, 2]):
            raise ValueError("bands: each goes from one number to another; only the last may not")
        if edges != sorted(edges):
            raise ValueError("bands: give them from low to high, without overlap")
        return self


class Comparison(Part):
    """Two groups of clients set side by side."""

    landmark_days: int = Field(
        56, gt=0, description="a support counts as received when it started by this day of the stay"
    )


class Journeys(Part):
    """The order and timing of supports."""

    support: str = Field("", description="the support whose timing is asked about")
    event: str = Field("", description="the outcome that is watched for, such as an arrest")
    landmark_days: int = Field(56, gt=0, description="the day by which early means early")
    further_landmarks: tuple[int, ...] = Field((28, 84), description="shown beside it")
    competing: tuple[str, ...] = Field((), description="exit reasons that rule the event out")


class Disengagement(Part):
    """Who is drifting away, and whom to call."""

    horizon_days: int = Field(28, gt=0, description="leaves within so many days of the as-of date")
    no_contact_days: int = Field(
        0,
        ge=0,
        description="0: left for a reason of [exits]; else days without contact",
    )
    every_days: int = Field(28, gt=0, description="days from one as-of date to the next")
    dates: int = Field(12, ge=2, description="how many as-of dates to learn from, where not given")
    as_of_dates: tuple[date, ...] = Field((), description="empty: the last whose outcome is known")
    entry_lag_days: int | None = Field(
        None, ge=0, description="days until an end is on record; empty: measured, else 0"
    )
    attributes: tuple[str, ...] = Field((), description="known at the start, to learn from too")
    calls_a_week: int = Field(10, gt=0, description="the length of each caseworker's list")
    list_share: float = Field(
        0.05, gt=0, lt=1, description="length of the list where nobody's caseload is known"
    )
    check_after_days: int = Field(56, gt=0, description="not seen for so long: still with us?")
    fair_to: tuple[str, ...] = Field(
        ("gender", "ethnicity", "age_band"), description="groups that must be found alike"
    )
