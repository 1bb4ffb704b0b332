"""The parts of the settings that say who gets which report, and how it is made for them."""

from typing import Any, Literal

from pydantic import Field, model_validator

from workbench.settings.parts import Disclosure, Part

MOST_ON_A_BOARD = 8  # measures


class Audience(Part):
    """Who a report is for: one for everybody, or one for each caseworker, team or organisation."""

    title: str = Field(description="who reads it, in words")
    notebook: str = Field(description="the notebook that makes it")
    one_for: Literal["", "caseworker", "team", "organisation"] = Field(
        "", description="one report for each of these, made of their own clients; empty: one report"
    )
    measures: tuple[str, ...] = Field((), description="only these measures; empty: all")
    disclosure: Disclosure | None = Field(None, description="by default that of [disclosure]")
    decisions: tuple[str, ...] = Field((), description="what the readers are asked to decide")

    @model_validator(mode="after")
    def _short(self) -> "Audience":
        if self.notebook == "board" and len(self.measures) > MOST_ON_A_BOARD:
            raise ValueError(
                f"measures: {len(self.measures)} are too many for two pages; name at most "
                f"{MOST_ON_A_BOARD}"
            )
        if self.one_for == "caseworker" and self.disclosure is not None:
            raise ValueError(
                "disclosure: a caseworker's own report is about their own clients, exact and for "
                "them alone; there is nothing to choose"
            )
        return self


class Caseload(Part):
    """What a caseworker's and a team manager's reports watch."""

    review_every_days: int = Field(91, gt=0, description="an assessment is due so often")
    quiet_days: int = Field(28, gt=0, description="without a kept contact so long: look at it")
    clients_full_time: float = Field(20, gt=0, description="a full caseload at full time ...")
    full_time_hours: float = Field(37.5, gt=0, description="... which is so many hours a week")


class Commission(Part):
    """What a funder is told besides the measures."""

    costs: dict[str, float] = Field({}, description="programme = what a month of it costs")
    currency: str = Field("£", description="of the costs")
    forecast: int = Field(3, ge=1, le=12, description="intervals ahead that are forecast")


# What comes with the workbench; settings change a key of one, or add audiences of their own.
AUDIENCES: dict[str, dict[str, Any]] = {
    "caseworker": {
        "title": "Caseworkers", "notebook": "caseworker", "one_for": "caseworker",
        "measures": ["contacts per client-week", "attendance rate", "entered in time"],
    },
    "team_manager": {"title": "Team managers", "notebook": "team_manager", "one_for": "team"},
    "service_manager": {"title": "Service managers", "notebook": "service_manager"},
    "board": {
        "title": "The board", "notebook": "board",
        "measures": [
            "referrals", "start rate", "caseload", "attendance rate", "success rate",
            "outcome not known", "disengagement rate", "days from referral to start",
        ],
    },
    "funder": {"title": "Funders and commissioners", "notebook": "funder"},
    "partner": {
        "title": "Partner organisations", "notebook": "partner", "one_for": "organisation",
    },
}  # fmt: skip
