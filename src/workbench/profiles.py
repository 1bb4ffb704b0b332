"""How much a published table may tell, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workbench.errors import SettingsError
from workbench.published import did_you_mean

HIDDEN = "[c]"  # confidential, as in UK government tables
HIDE_UP_TO = 7
ROUND_TO = 5
SMALLEST_GROUP = 20  # people needed for a rate, for "none" and for "all"


@dataclass(frozen=True)
class Profile:
    """How much a published table may tell; `description` says it to the reader.

    `threshold`: counts from 1 up to this are hidden. `base`: what other counts are rounded to.
    `smallest_group`: people needed before a rate, a "none" or an "all" is shown.
    """

    name: str
    threshold: int
    base: int
    smallest_group: int
    description: str

    @property
    def needs_basis(self) -> bool:
        """True when it tells more than the default, which somebody has to justify."""
        hides_less = self.threshold < HIDE_UP_TO or self.smallest_group < SMALLEST_GROUP
        return hides_less or self.base < ROUND_TO


def _hiding(name: str, threshold: int, base: int) -> Profile:
    description = (
        f"Numbers from 1 to {threshold} are not shown ({HIDDEN}), others are rounded to the "
        f"nearest {base}, and rates are worked out from the rounded numbers."
    )
    return Profile(name, threshold, base, SMALLEST_GROUP, description)


_EXACT = "All numbers are exact and may tell about single people: for the reader stated here only."
_PUBLIC = "All numbers are exact because the records are open to everyone, as stated here."
_ALL = (
    _hiding("rounded7", HIDE_UP_TO, ROUND_TO),
    _hiding("ons10", 9, ROUND_TO),
    _hiding("eva10", 10, 10),  # rounded to 5, a "10" would be 11 or 12
    Profile("exact", 0, 1, 0, _EXACT),
    Profile("public", 0, 1, 0, _PUBLIC),
)
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})


def named(profile: str | Profile) -> Profile:
    """A profile by its name. Raises SettingsError, with the nearest, where there is none."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise SettingsError(
            f"disclosure profile '{profile}' does not exist.{did_you_mean(profile, PROFILES)} "
            f"There are: {', '.join(PROFILES)}."
        )
    return PROFILES[profile]
