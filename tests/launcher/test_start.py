"""`./enlace` makes its environment, redoes what changed, takes up what was cut short, and hands over."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from launcher.words import WORDS, language_of
from tests.launcher.conftest import House, Told, kill_all, make_wheel

pytestmark = pytest.mark.xdist_group("launcher")


def test_first_start_prepares_and_hands_over_from_a_path_with_spaces(first_start: tuple[House, Told]) -> None:
    house, told = first_start
    assert told.code == 7, told.err
    assert told.command["arguments"] == ["up", "--no-demo"]
    assert told.command["cwd"] == str(house.root.parent), "the working folder is the caller's"
    assert told.command["python"] == str(house.root / ".enlace" / "venv" / "bin" / "python")
    assert told.command["kept"]["PYTHONPATH"] == str(house.root)
    assert "Instalo las bibliotecas" in told.err and "Instalo el motor" in told.err and "Listo en" in told.err
    assert "pruebas" not in told.err
    assert len(told.out.splitlines()) == 1, "progress never mixes with a command's output"


def test_second_start_installs_nothing_and_says_nothing(house: House) -> None:
    before = (house.root / ".enlace" / "install.log").stat().st_mtime_ns
    told = house.run("suggest", "--json")
    assert (told.code, told.err) == (7, "")
    assert (house.root / ".enlace" / "install.log").stat().st_mtime_ns == before


def test_only_a_changed_list_is_installed_again(house: House) -> None:
    house.require("core", make_wheel(house.wheels, "pequena", {"pequena/nueva.py": ""}, version="1.1"))
    told = house.run("up")
    assert told.code == 7, told.err
    assert "Instalo las bibliotecas" in told.err and "motor" not in told.err
    assert house.installed("pequena/nueva.py").exists()
    assert not house.installed("pequena/part_1.py").exists()


def test_tests_get_their_own_list_and_never_an_operators_server_or_data(house: House) -> None:
    house.more = {
        "NEO4J_URI": "bolt://production.example.org",
        "NEO4J_PASSWORD": "secret",
        "ENLACE_DATA": "/srv/enlace",
        "ENLACE_REQUIRE": "neo4j",
        "NEO4J_TEST_URI": "bolt://127.0.0.1:7687",
    }
    told = house.run("--lang", "en", "test", "tests/matching", "-k", "age", cwd=house.root.parent)
    assert told.code == 7, told.err
    assert "Installing what the tests need" in told.err
    assert told.command["arguments"] == ["tests/matching", "-k", "age"]
    assert told.command["cwd"] == str(house.root), "pytest finds its configuration from anywhere"
    kept = told.command["kept"].keys() - {"PYTHONPATH"}
    assert kept == {"ENLACE_REQUIRE", "NEO4J_TEST_URI", "ENLACE_LANG"}


def test_with_a_server_named_the_engine_is_not_needed(house: House) -> None:
    house.require("embedded", "arcadedb-embedded==1.0 --hash=sha256:" + "0" * 64 + "\n")
    house.more = {"NEO4J_URI": "bolt://127.0.0.1:7687"}
    told = house.run("up")
    assert (told.code, told.err) == (7, "")


def test_a_folder_of_the_same_name_in_the_working_folder_is_not_taken_for_ours(house: House, tmp_path: Path) -> None:
    (tmp_path / "api" / "cli").mkdir(parents=True)
    (tmp_path / "api" / "cli" / "__main__.py").write_text("raise SystemExit('a stranger')")
    assert house.run("up", cwd=tmp_path).code == 7


@pytest.mark.parametrize("habit", ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME"])
def test_habits_of_a_machine_do_not_send_packages_elsewhere(house: House, habit: str, tmp_path: Path) -> None:
    house.require("core", make_wheel(house.wheels, "pequena", {"pequena/nueva.py": ""}, version="1.2"))
    house.more = {habit: "1" if habit == "PIP_USER" else str(tmp_path / "elsewhere")}
    if habit == "PYTHONHOME":  # would keep any Python from starting; the launcher itself is started without
        house.more = {"PYTHONPATH": str(tmp_path / "elsewhere")}
    assert house.run("up").code == 7
    assert house.installed("pequena/nueva.py").exists()


def test_the_command_gets_the_signal_and_its_exit_code_is_ours(house: House) -> None:
    process = house.start("wait")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 5


def test_a_killed_installation_is_taken_up_again(house: House) -> None:
    parts = {f"grande/part_{n}.txt": str(n) for n in range(3000)}
    house.require("core", make_wheel(house.wheels, "grande", parts))
    process = house.start("up")
    house.wait_until(
        lambda stamp: stamp.get("installing") == "core" and house.installed("grande/part_700.txt").exists()
    )
    kill_all(process, signal.SIGKILL)
    process.communicate()
    assert not house.installed("grande/part_2999.txt").exists(), "it was killed in the middle"

    told = house.run("up")
    assert told.code == 7, told.err
    assert "quedó a medias" in told.err
    assert all(house.installed(name).exists() for name in parts)
    assert house.stamp["installing"] is None


def test_a_package_that_a_killed_installer_left_in_pieces_is_put_there_again(house: House) -> None:
    whole = house.installed("pequena/part_3.py")
    whole.write_text("")  # the disk had not written it yet when the power went
    house.require("core", (house.root / "requirements" / "core.txt").read_text() + "\n")
    stamp = house.root / ".enlace" / "venv" / "enlace-stamp.json"
    stamp.write_text(stamp.read_text().replace('"installing": null', '"installing": "core"'))
    assert house.run("up").code == 7
    assert whole.read_text() == "NUMBER = 3\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_says_so_and_goes_on_next_time(house: House, how: signal.Signals) -> None:
    parts = {f"ancha/part_{n}.txt": str(n) for n in range(3000)}
    house.require("core", make_wheel(house.wheels, "ancha", parts))
    process = house.start("up")
    house.wait_until(lambda stamp: stamp.get("installing") == "core")
    process.send_signal(how)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + how
    assert "Interrumpido" in err
    assert house.run("up").code == 7
    assert all(house.installed(name).exists() for name in parts)


def test_a_first_start_cut_short_begins_again(fresh: House) -> None:
    process = fresh.start("up")
    while not (fresh.root / ".enlace" / "venv" / "pyvenv.cfg").exists():
        assert process.poll() is None
    kill_all(process, signal.SIGKILL)
    process.communicate()
    assert fresh.run("up").code == 7


def test_two_starts_at_once_install_once(house: House) -> None:
    house.require("core", make_wheel(house.wheels, "pequena", {"pequena/nueva.py": ""}, version="1.3"))
    starts = [house.start("up") for _ in range(3)]
    seen = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [7, 7, 7], seen
    assert sum("Instalo las bibliotecas" in err for err in seen) == 1, seen


def test_an_installer_that_outlives_its_launcher_is_waited_for(house: House) -> None:
    parts = {f"lenta/part_{n}.txt": str(n) for n in range(3000)}
    house.require("core", make_wheel(house.wheels, "lenta", parts))
    process = house.start("up")
    house.wait_until(lambda stamp: stamp.get("installing") == "core" and house.installed("lenta/part_100.txt").exists())
    process.kill()  # the launcher alone: its installer goes on
    told = house.run("up")
    process.communicate()
    assert told.code == 7, told.err
    assert "Otro arranque" in told.err
    assert all(house.installed(name).exists() for name in parts)


def test_an_environment_whose_python_went_away_is_made_anew(house: House) -> None:
    python = house.root / ".enlace" / "venv" / "bin" / "python"
    real = python.resolve()
    for link in python.parent.glob("python*"):
        link.unlink()
    python.symlink_to(real.parent / "python-that-was-here")
    told = house.run("up")
    assert told.code == 7, told.err
    assert "Preparo el entorno" in told.err


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        ((), {}, "es"),
        (("--lang", "en", "up"), {"ENLACE_LANG": "es"}, "en"),
        (("--lang=en",), {}, "en"),
        ((), {"ENLACE_LANG": "en", "LANG": "es_GT.UTF-8"}, "en"),
        ((), {"LANG": "en_US.UTF-8"}, "en"),
        ((), {"LC_ALL": "C.UTF-8", "LANG": "en_GB"}, "en"),
        ((), {"LANG": "fr_FR.UTF-8"}, "es"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_systems_else_spanish(
    arguments: tuple[str, ...], environ: dict[str, str], language: str
) -> None:
    assert language_of(arguments, environ) == language


def test_every_word_of_the_launcher_is_there_in_both_languages_and_every_trouble_has_a_remedy() -> None:
    import string

    for key, both in WORDS.items():
        places = [{name for _, name, _, _ in string.Formatter().parse(both[lang]) if name} for lang in ("es", "en")]
        assert both["es"] != both["en"], key
        if not key.endswith(".do"):
            assert places[0] == places[1], key
    root = Path(__file__).resolve().parents[2] / "launcher"
    told = [path.read_text(encoding="utf-8") for path in root.glob("*.py")]
    raised = {piece.split('"')[1] for text in told for piece in text.split("Trouble(")[1:] if piece.startswith('"')}
    assert raised and all(f"{key}.do" in WORDS for key in raised)


def test_where_it_says_nothing_needs_doing_it_takes_no_time(house: House) -> None:
    """No tool is started when nothing changed: the hand-over is all there is."""
    (house.root / ".enlace" / "lock").unlink()
    assert house.run("up").code == 7
    assert not (house.root / ".enlace" / "lock").exists()
