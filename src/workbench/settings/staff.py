"""The part of the settings that says how the staff page is served, and who sees the service."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from workbench.settings.parts import Part

HERE = ("localhost", "127.0.0.1", "::1")  # hosts that need no encryption: nothing leaves them


class OAuth(Part):
    """Signing in with the accounts that an organisation already has."""

    provider: Literal["", "azure", "google", "okta"] = Field(
        "", description="Microsoft is 'azure'; empty: the workbench's own password file"
    )
    key: str = Field("", description="the application's id, as the provider gives it; no secret")
    secret_variable: str = Field(
        "WORKBENCH_OAUTH_SECRET", description="the environment variable that holds the secret"
    )
    tenant: str = Field("", description="Microsoft: the organisation's directory (tenant) id")
    domain: str = Field("", description="Google: only e-mails of it; Okta: the address, x.okta.com")

    @model_validator(mode="after")
    def _whole(self) -> "OAuth":
        if self.provider and not self.key:
            raise ValueError("key: the provider needs the application's id")
        if self.provider == "azure" and self.tenant in ("", "common", "organizations", "consumers"):
            raise ValueError(
                "tenant: name your own directory; with any other, a stranger could sign in under "
                "a colleague's e-mail"
            )
        if self.provider in ("google", "okta") and not self.domain:
            raise ValueError("domain: the provider needs your organisation's own")
        return self


class Staff(Part):
    """How the staff page is served: its folder, who may see the service, how long, from where."""

    folder: str = Field(
        "staff", description="passwords, keys, audit log, calls; relative to the settings file"
    )
    roles: dict[str, Literal["service"]] = Field(
        {}, description="login = 'service': sees the whole service, protected"
    )
    idle_minutes: float = Field(20, gt=0, le=240, description="then one has to sign in again")
    longest_hours: float = Field(10, gt=0, le=24, description="... and at the latest after these")
    address: str = Field("127.0.0.1", description="where it listens")
    port: int = Field(5006, ge=0, le=65535, description="0: a free one")
    origins: tuple[str, ...] = Field(
        (), description="the addresses in a browser: 'https://ask.example.org'; empty: this machine"
    )
    behind_proxy: bool = Field(
        False, description="whether a proxy of yours passes requests on, with X-Real-IP"
    )
    oauth: OAuth = OAuth()

    @field_validator("origins")
    @classmethod
    def _encrypted(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for each in origins:
            parts = urlsplit(each)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
                raise ValueError(f"{each!r} is not an address like 'https://ask.example.org'")
            if parts.scheme == "http" and parts.hostname not in HERE:
                raise ValueError(f"{each!r} has to begin with https: passwords go over it")
        return origins
