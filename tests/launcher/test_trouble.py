"""What keeps Enlace from starting is said in plain words, with what to do, in the reader's language."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.launcher.conftest import BASE_PYTHON, CHECKOUT, House, make_wheel

pytestmark = pytest.mark.xdist_group("launcher")

CANNOT_START = 69
TOO_OLD = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")


def interpreter(version: str) -> str | None:
    """A Python of that version that runs on this machine."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [shutil.which(f"python{version}"), *map(str, home.glob(f"versions/{version}.*/bin/python"))]
    check = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for python in filter(None, places):
        if subprocess.run([python, "-c", check], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", TOO_OLD)
def test_an_old_python_says_so_in_both_languages(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    told = subprocess.run(
        [python, str(CHECKOUT / "enlace"), "up"], capture_output=True, env={"PATH": str(tmp_path), "LC_ALL": "C"}
    )
    said = told.stderr.decode("utf-8")
    assert told.returncode == CANNOT_START
    assert f"Enlace necesita Python 3.11 o más nuevo; este es Python {version}." in said
    assert f"Enlace needs Python 3.11 or newer; this is Python {version}." in said
    assert "python3.12 enlace up" in said


def test_an_old_python_hands_over_to_a_newer_one(house: House, tmp_path: Path) -> None:
    python = next(filter(None, map(interpreter, reversed(TOO_OLD))), None)
    if python is None:
        pytest.skip("no old Python on this machine")
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 127\n")  # as version managers leave them about
    (tmp_path / "python3.12").chmod(0o755)
    (tmp_path / "python3.11").symlink_to(BASE_PYTHON)
    house.more = {"PATH": str(tmp_path)}
    told = house.run("up", python=python)
    assert told.code == 7, told.err


def hide(house: House, folder: Path, *modules: str) -> None:
    """Take modules away from the launcher's Python, as Debian does with `ensurepip`."""
    folder.mkdir()
    hidden = "".join(f"sys.modules[{name!r}] = None\n" for name in modules)
    (folder / "sitecustomize.py").write_text(f"import sys\n{hidden}")
    house.more["PYTHONPATH"] = str(folder)


@pytest.mark.parametrize(("modules", "named"), [(["venv"], "venv"), (["ensurepip", "pip"], "ensurepip")])
def test_a_python_without_venv_names_the_package_to_install(
    fresh: House, tmp_path: Path, modules: list[str], named: str
) -> None:
    hide(fresh, tmp_path / "hidden", *modules)
    version = subprocess.run(
        [BASE_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2], end='')"], capture_output=True, text=True
    ).stdout
    spanish, english = fresh.run("up"), fresh.run("--lang", "en", "up")
    assert spanish.code == english.code == CANNOT_START
    assert f"le falta el módulo `{named}`" in spanish.err
    assert f"lacks the module `{named}`" in english.err
    assert f"sudo apt install python{version}-venv" in spanish.err
    assert f"sudo apt install python{version}-venv" in english.err


def test_without_ensurepip_the_pip_of_the_machine_serves(fresh: House, tmp_path: Path) -> None:
    if subprocess.run([BASE_PYTHON, "-I", "-m", "pip", "--version"], capture_output=True).returncode:
        pytest.skip("this Python has no pip of its own")
    hide(fresh, tmp_path / "hidden", "ensurepip")
    told = fresh.run("up")
    assert told.code == 7, told.err
    assert not fresh.installed("pip").exists()
    assert fresh.installed("pequena/part_1.py").exists()


def test_a_machine_without_an_engine_is_told_of_neo4j(house: House) -> None:
    elsewhere = make_wheel(house.wheels, "arcadedb_embedded", {"arcadedb.py": ""}, tag="cp311-cp311-win_arm64")
    house.require("embedded", elsewhere)
    spanish, english = house.run("up"), house.run("--lang=en", "up")
    assert spanish.code == english.code == CANNOT_START
    assert "No hay motor de grafos empaquetado para esta máquina" in spanish.err and "NEO4J_URI" in spanish.err
    assert "There is no packaged graph engine for this machine" in english.err and "NEO4J_URI" in english.err
    house.more = {"NEO4J_URI": "bolt://127.0.0.1:7687"}
    assert house.run("up").code == 7


def test_tests_go_on_without_an_engine_where_a_neo4j_for_tests_is_named(house: House) -> None:
    house.require("embedded", make_wheel(house.wheels, "arcadedb_embedded", {}, tag="cp311-cp311-win_arm64"))
    assert house.run("test").code == CANNOT_START
    house.more = {"NEO4J_TEST_URI": "bolt://127.0.0.1:7687"}
    told = house.run("test")
    assert told.code == 7, told.err
    assert "No hay motor de grafos" in told.err


def test_a_library_without_a_package_for_this_machine_is_named(house: House) -> None:
    house.require("core", make_wheel(house.wheels, "pydantic_core", {}, tag="cp311-cp311-win_arm64"))
    told = house.run("up")
    assert told.code == CANNOT_START
    assert "`pydantic-core`" in told.err


def test_no_network_is_told_apart_from_no_package(house: House) -> None:
    house.require("core", "pydantic==2.0 --hash=sha256:" + "0" * 64 + "\n")
    house.more = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}
    spanish, english = house.run("up"), house.run("up", "--lang", "en")
    assert spanish.code == english.code == CANNOT_START
    assert "la red no responde" in spanish.err
    assert "the network does not answer" in english.err
    assert str(house.root / ".enlace" / "install.log") in spanish.err


def test_an_altered_download_is_not_installed(house: House) -> None:
    line = make_wheel(house.wheels, "cambiada", {"cambiada.py": ""})
    house.require("core", line[:-5] + "0000\n")
    told = house.run("up")
    assert told.code == CANNOT_START
    assert "suma de verificación" in told.err
    assert not house.installed("cambiada.py").exists()


def test_an_incomplete_copy_is_told(house: House) -> None:
    (house.root / "requirements" / "core.txt").unlink()
    told = house.run("up")
    assert told.code == CANNOT_START
    assert "esta copia de Enlace no está completa" in told.err


def test_a_path_that_python_refuses_is_told_before_anything_is_made(tmp_path: Path, fresh: House) -> None:
    fresh.root = fresh.root.rename(tmp_path / "a:b")
    told = fresh.run("up")
    assert told.code == CANNOT_START
    assert "«:»" in told.err


def in_own_mounts(script: str) -> list[str] | None:
    """A command that runs a script where mounts can be made that nobody else sees, or None."""
    for command in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return [*command, "sh", "-ec", script]
    return None


def test_a_full_disk_is_told(fresh: House, tmp_path: Path) -> None:
    small = tmp_path / "small disk"
    small.mkdir()
    command = in_own_mounts(
        f"mount -t tmpfs -o size=4m none '{small}' && cp -r '{fresh.root}/.' '{small}' && '{BASE_PYTHON}' '{small}/enlace' up"
    )
    if command is None:
        pytest.skip("no mounts of our own on this machine")
    told = subprocess.run(command, capture_output=True, text=True, env=fresh.environ)
    assert told.returncode == CANNOT_START, told.stderr
    assert "El disco está lleno" in told.stderr
    assert str(small) in told.stderr


def test_a_folder_that_cannot_be_written_is_told(fresh: House) -> None:
    root = fresh.root
    command = in_own_mounts(
        f"mount --bind '{root}' '{root}' && mount -o remount,ro,bind '{root}' && '{BASE_PYTHON}' '{root}/enlace' --lang en up"
    )
    if command is None:
        pytest.skip("no mounts of our own on this machine")
    told = subprocess.run(command, capture_output=True, text=True, env=fresh.environ)
    assert told.returncode == CANNOT_START, told.stderr
    assert f"{root / '.enlace'} cannot be written to" in told.stderr
    assert "copy Enlace to a folder of yours" in told.stderr
