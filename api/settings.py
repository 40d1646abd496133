"""Every setting: typed, with a default that works on this machine. Nobody else reads the environment.

What each means to an operator stands in docs/settings.md (held by tests/house).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.texts import LANGUAGES, text
from graph.model.base import Language
from graph.server import is_loopback

CHECKOUT: Final = Path(__file__).resolve().parent.parent

EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named here in order to be refused
"""Addresses that mean: every network this machine is in."""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names of this machine for itself."""

CONTAINER_MARKS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that Docker and Podman put into every container."""

ENLACE: Final = "ENLACE_"


def _language(wish: object) -> object:
    """`en_US.UTF-8` counts as `en`, as everywhere."""
    return wish[:2].lower() if isinstance(wish, str) and wish[:2].lower() in LANGUAGES else wish


def _from_here(path: Path) -> Path:
    return path.expanduser().absolute()


def _from_here_if_any(path: Path | None) -> Path | None:
    return None if path is None else _from_here(path)


def _separated(several: str) -> tuple[str, ...]:
    return tuple(one for part in several.split(",") if (one := part.strip()))


class Settings(BaseSettings):
    """What an operator may decide. Read once, when a command starts, and handed on from there."""

    model_config = SettingsConfigDict(
        frozen=True, env_prefix=ENLACE, env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    data: Annotated[Path, AfterValidator(_from_here)] = Field(
        CHECKOUT / ".enlace" / "data", description="the data folder"
    )
    keys: Annotated[Path | None, AfterValidator(_from_here_if_any)] = Field(
        None,
        description="the folder of the keys, outside the data; None: in the data for the demo, else nobody signs in",
    )
    lang: Annotated[Language | None, BeforeValidator(_language)] = Field(
        None, description="language of the command line; None: that of the system"
    )
    host: str = Field("127.0.0.1", description="address to listen on; beyond loopback people need accounts")
    port: int = Field(8420, ge=0, le=65535, description="port to listen on; 0: any free one")
    names: str = Field("", description="names it answers to besides this machine's own, separated by commas")
    trusted_proxy: str = Field(
        "", description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed"
    )
    tls_certificate: Annotated[Path | None, AfterValidator(_from_here_if_any)] = Field(
        None, description="a certificate (PEM, with its chain): then it serves https itself"
    )
    tls_key: Annotated[Path | None, AfterValidator(_from_here_if_any)] = Field(
        None, description="the certificate's private key (PEM)"
    )
    container: bool = Field(False, description="runs in a container whose port is published on loopback only")
    scheduler: bool = Field(True, description="what is due is done: reminders, lapses, mails")
    url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?)?$",
        description="where people find it: links in mails lead there",
    )
    mail_host: str = Field("", description="the mail server; empty: mails wait, and are listed")
    mail_port: int = Field(587, ge=1, le=65535)
    mail_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="none: to this machine only")
    mail_sender: str = Field("", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$", description="the address that writes")
    mail_username: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_committee: str = Field(
        "", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$", description="where the committee is written to"
    )
    mail_officer: str = Field(
        "", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$", description="where data protection officers are written to"
    )
    engine_memory: str = Field("512m", pattern=r"^[1-9]\d{0,5}[mMgG]$", description="memory of the embedded engine")
    allow_unencrypted_bolt: bool = Field(False, description="speak to a Neo4j on another host without encryption")
    neo4j_uri: str | None = Field(None, validation_alias="NEO4J_URI", description="a server; None: the embedded engine")
    neo4j_username: str = Field("neo4j", validation_alias="NEO4J_USERNAME")
    neo4j_password: SecretStr = Field(SecretStr(""), validation_alias="NEO4J_PASSWORD")
    neo4j_password_file: Path | None = Field(
        None, validation_alias="NEO4J_PASSWORD_FILE", description="a file that holds the password, and nothing else"
    )
    neo4j_database: Annotated[str, Field(min_length=1)] = Field("neo4j", validation_alias="NEO4J_DATABASE")

    @model_validator(mode="after")
    def _listens_where_it_may(self) -> Self:
        refuse_listening(self.host, container=self.container)
        return self

    @model_validator(mode="after")
    def _believes_addresses_only(self) -> Self:
        for one in self.trusted:
            try:
                ipaddress.ip_network(one)
            except ValueError:
                raise PydanticCustomError("proxy-not-an-address", "ENLACE_TRUSTED_PROXY") from None
        return self

    @model_validator(mode="after")
    def _has_both_halves_of_tls(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise PydanticCustomError("half-tls", "ENLACE_TLS_CERTIFICATE and ENLACE_TLS_KEY")
        return self

    @model_validator(mode="after")
    def _has_one_password(self) -> Self:
        if self.neo4j_password_file is None:
            return self
        if self.neo4j_password.get_secret_value():
            raise PydanticCustomError("two-passwords", "NEO4J_PASSWORD and NEO4J_PASSWORD_FILE")
        try:
            self.neo4j_password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            places = {"path": str(self.neo4j_password_file)}
            raise PydanticCustomError("password-file-unreadable", "{path}", places) from None
        return self

    @model_validator(mode="after")
    def _writes_as_somebody_from_somewhere(self) -> Self:
        if self.mail_host and not (self.mail_sender and self.url):
            raise PydanticCustomError("mail-incomplete", "ENLACE_MAIL_HOST, ENLACE_MAIL_SENDER and ENLACE_URL")
        if self.mail_host and self.mail_tls == "none" and not is_loopback(self.mail_host):
            raise PydanticCustomError("mail-unencrypted", "ENLACE_MAIL_TLS")
        return self

    @property
    def trusted(self) -> tuple[str, ...]:
        """The proxies that are believed when they say who is asking, and over which line; none unless told."""
        return _separated(self.trusted_proxy)

    @property
    def is_elsewhere(self) -> bool:
        """Whether others than this machine can reach the server."""
        return not self.container and not is_loopback(self.host)

    @property
    def answers_to(self) -> frozenset[str]:
        """The names of this machine for itself, and those that were told."""
        return LOOPBACK | {name.casefold() for name in _separated(self.names)}

    @property
    def password(self) -> str:
        """The password for Neo4j, wherever it was put; empty for a server that asks for none."""
        if self.neo4j_password_file is not None:
            return self.neo4j_password_file.read_text(encoding="utf-8").rstrip("\r\n")
        return self.neo4j_password.get_secret_value()


def refuse_listening(host: str, *, container: bool, marks: Iterable[Path] = CONTAINER_MARKS) -> None:
    """An address of this machine is needed; whether people have accounts there is asked by `up`. (docs/decisions/0021)

    In a container loopback is the container's own, so there all its addresses are allowed to an operator who says
    that its port is published on the host's loopback only.
    """
    if is_loopback(host):
        return
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise PydanticCustomError("host-not-an-address", "{host}", {"host": host}) from None
    if container and not (host in EVERYWHERE and any(mark.exists() for mark in marks)):
        raise PydanticCustomError("not-in-a-container", "{host}", {"host": host})


class SettingsProblem(Exception):
    """Settings that cannot be: for each the key of its text and the places in it. Values of settings are not repeated."""

    def __init__(self, faults: list[tuple[str, dict[str, Any]]]) -> None:
        super().__init__(", ".join(key for key, _ in faults))
        self.faults = faults

    def told(self, language: Language) -> str:
        """What is wrong and what to do, one setting a paragraph."""
        lines = []
        for key, places in self.faults:
            if "expected" in places:
                places = {**places, "expected": text(places["expected"], language)}  # noqa: PLW2901 - only translated
            lines.append(text(key, language, **places))
        return "\n".join(lines)


OWN_CODES: Final = frozenset(
    {
        "host-not-an-address",
        "not-in-a-container",
        "proxy-not-an-address",
        "half-tls",
        "two-passwords",
        "password-file-unreadable",
        "mail-incomplete",
        "mail-unencrypted",
    }
)


def read_settings(**given: Any) -> Settings:
    """The settings of the environment; what is given (and not None) comes from the command line and wins."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise _problem(error) from None


def with_host(settings: Settings, host: str) -> Settings:
    """The same settings, listening at another address: `up --host`."""
    try:
        return Settings(**{name: getattr(settings, name) for name in Settings.model_fields} | {"host": host})
    except ValidationError as error:
        raise _problem(error) from None


def _problem(error: ValidationError) -> SettingsProblem:
    found: list[tuple[str, dict[str, Any]]] = []
    for fault in error.errors(include_input=False, include_url=False):
        if fault["type"] in OWN_CODES:
            found.append((f"settings.{fault['type']}", dict(fault.get("ctx", {}))))
        else:
            found.append(("settings.not-so", _expectation(str(fault["loc"][0]))))
    return SettingsProblem(found)


def _expectation(place: str) -> dict[str, str]:
    field = next((name for name in Settings.model_fields if place in (name, variable_of(name))), place)
    return {"variable": variable_of(field), "expected": f"settings.expects.{field}"}


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else ENLACE + field.upper()
