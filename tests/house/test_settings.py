"""Settings: every one documented, refused in words; listening elsewhere is told, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

from api.settings import Settings, SettingsProblem, read_settings, refuse_listening, variable_of, with_host
from api.texts import catalogue
from tests.house.tree import CHECKOUT

PAGE = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(field: str) -> None:
    row = next((line for line in PAGE.splitlines() if line.startswith(f"| `{variable_of(field)}`")), None)
    assert row is not None, f"docs/settings.md lacks {variable_of(field)}"
    default = Settings.model_fields[field].default
    if isinstance(default, str | int) and default != "":
        assert f"`{int(default) if isinstance(default, bool) else default}`" in row


def test_every_documented_setting_exists() -> None:
    table = PAGE.split("## Read by the launcher")[0]
    named = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert named == {variable_of(field) for field in Settings.model_fields}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_can_say_what_it_expects(field: str) -> None:
    assert f"settings.expects.{field}" in catalogue("es")
    assert f"settings.expects.{field}" in catalogue("en")


def test_defaults_run_a_house_for_this_machine_only() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.neo4j_uri) == ("127.0.0.1", 8420, None)
    assert settings.data == CHECKOUT / ".enlace" / "data"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "::ffff:127.0.0.1"])
def test_loopback_is_served(host: str) -> None:
    assert read_settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::7"])
def test_another_address_is_elsewhere_and_has_to_be_told(host: str) -> None:
    """Whether anybody has an account there is asked by `up`: tests/engine/test_elsewhere.py. (docs/decisions/0021)"""
    assert read_settings(host=host).is_elsewhere
    assert with_host(read_settings(port=5), host).port == 5
    assert not read_settings().is_elsewhere


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "", "*", "127.1", "256.1.1.1"])
@pytest.mark.parametrize("how", ["environment", "command line"])
def test_what_is_no_address_is_refused_in_both_languages(host: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        if not host:
            assert Settings().host == "127.0.0.1", "an empty variable is no variable"
        monkeypatch.setenv("ENLACE_HOST", host or " ")
    with pytest.raises(SettingsProblem) as refused:
        read_settings() if how == "environment" else with_host(read_settings(), host)
    assert "ENLACE_NAMES" in refused.value.told("es") and "dirección" in refused.value.told("es")
    assert "ENLACE_NAMES" in refused.value.told("en") and "address" in refused.value.told("en")


@pytest.mark.parametrize("proxy", ["*", "proxy.example.org", "127.0.0.1, *", "10.0.0.1/8"])
def test_nobody_is_believed_but_by_address(proxy: str) -> None:
    with pytest.raises(SettingsProblem):
        read_settings(trusted_proxy=proxy)
    assert read_settings().trusted == ()
    assert read_settings(trusted_proxy="127.0.0.1, 10.0.0.0/8").trusted == ("127.0.0.1", "10.0.0.0/8")


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    for half in ("tls_certificate", "tls_key"):
        with pytest.raises(SettingsProblem):
            read_settings(**{half: tmp_path / "half.pem"})


def test_a_container_may_listen_everywhere_only_if_it_is_one_and_says_so(tmp_path: Path) -> None:
    """docs/decisions/0021"""
    mark, absent = tmp_path / "mark", tmp_path / "absent"
    mark.touch()
    refuse_listening("0.0.0.0", container=True, marks=[absent, mark])
    refuse_listening("::", container=True, marks=[mark])
    for host, says_so, marks in [
        ("0.0.0.0", True, [absent]),
        ("::", True, []),
        ("192.0.2.7", True, [mark]),
        ("enlace.example.org", True, [mark]),
    ]:
        with pytest.raises(PydanticCustomError):
            refuse_listening(host, container=says_so, marks=marks)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENLACE_PORT", "ocho"),
        ("ENLACE_PORT", "65536"),
        ("ENLACE_LANG", "fr"),
        ("ENLACE_ENGINE_MEMORY", "mucho"),
        ("ENLACE_ALLOW_UNENCRYPTED_BOLT", "quizás"),
    ],
)
def test_a_value_that_cannot_be_is_named_but_not_repeated(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsProblem) as refused:
        read_settings()
    for told in (refused.value.told("es"), refused.value.told("en"), str(refused.value), repr(refused.value)):
        assert value not in told
    assert variable in refused.value.told("es")


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "marca-secreta")
    settings = read_settings()
    assert settings.password == "marca-secreta"
    assert "marca-secreta" not in repr(settings) + str(settings.model_dump())

    monkeypatch.setenv("NEO4J_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(SettingsProblem) as both:
        read_settings()
    assert "marca-secreta" not in both.value.told("es")

    monkeypatch.delenv("NEO4J_PASSWORD")
    with pytest.raises(SettingsProblem) as unreadable:
        read_settings()
    assert str(tmp_path / "password") in unreadable.value.told("en")

    (tmp_path / "password").write_text("otra marca\n")
    assert read_settings().password == "otra marca"


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENLACE_DATA", "elsewhere")
    monkeypatch.setenv("ENLACE_LANG", "en_US.UTF-8")
    assert read_settings(data=tmp_path, lang=None).data == tmp_path
    assert read_settings().data == Path.cwd() / "elsewhere"
    assert read_settings().lang == "en"
