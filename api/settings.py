"""Every setting: typed, with a default that works on this machine. Nobody else reads the environment.

What each means to an operator stands in docs/settings.md (held by tests/house).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.texts import LANGUAGES, text
from graph.model.base import Language
from graph.server import is_loopback

CHECKOUT: Final = Path(__file__).resolve().parent.parent

EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named here in order to be refused
"""Addresses that mean: every network this machine is in."""

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
    host: str = Field("127.0.0.1", description="address to listen on; loopback only until accounts exist")
    port: int = Field(8420, ge=0, le=65535, description="port to listen on; 0: any free one")
    container: bool = Field(False, description="runs in a container whose port is published on loopback only")
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

    @property
    def password(self) -> str:
        """The password for Neo4j, wherever it was put; empty for a server that asks for none."""
        if self.neo4j_password_file is not None:
            return self.neo4j_password_file.read_text(encoding="utf-8").rstrip("\r\n")
        return self.neo4j_password.get_secret_value()


def refuse_listening(host: str, *, container: bool, marks: Iterable[Path] = CONTAINER_MARKS) -> None:
    """Until accounts exist nobody but this machine is served. (docs/decisions/0020)

    In a container loopback is the container's own, so there all its addresses are allowed to an operator who says
    that its port is published on the host's loopback only.
    """
    if is_loopback(host):
        return
    if not container or host not in EVERYWHERE:
        raise PydanticCustomError("host-not-loopback", "{host}", {"host": host})
    if not any(mark.exists() for mark in marks):
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


OWN_CODES: Final = frozenset({"host-not-loopback", "not-in-a-container", "two-passwords", "password-file-unreadable"})


def read_settings(**given: Any) -> Settings:
    """The settings of the environment; what is given (and not None) comes from the command line and wins."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        found: list[tuple[str, dict[str, Any]]] = []
        for fault in error.errors(include_input=False, include_url=False):
            if fault["type"] in OWN_CODES:
                found.append((f"settings.{fault['type']}", dict(fault.get("ctx", {}))))
            else:
                found.append(("settings.not-so", _expectation(str(fault["loc"][0]))))
        raise SettingsProblem(found) from None


def _expectation(place: str) -> dict[str, str]:
    field = next((name for name in Settings.model_fields if place in (name, variable_of(name))), place)
    return {"variable": variable_of(field), "expected": f"settings.expects.{field}"}


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else ENLACE + field.upper()
