"""The embedded engine of a data folder: who may reach it, who shares it, what a kill leaves behind. (design §2)"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph import child, embedded
from graph.child import House, Running
from graph.engine import EngineProblem, Server, serve
from graph.server import answers

pytestmark = [
    pytest.mark.xdist_group("embedded"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and file modes of POSIX"),
]

CHECKOUT: Final = Path(__file__).parents[2]

USER: Final = """
import sys
from pathlib import Path
from graph.engine import serve
with serve(Path(sys.argv[1])) as server:
    print(server.uri, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder as people name them. Whatever a failed test left running on it is ended."""
    folder = tmp_path / "Año 2026 (prueba)"
    yield folder
    house = House(folder)
    if (running := house.recall()) is not None:
        child.stop(running, house, patience=1)


def running_on(data: Path) -> Running:
    running = House(data).recall()
    assert running is not None
    return running


def ask(server: Server, statement: str, **values: object) -> list[dict[str, object]]:
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        answer = driver.execute_query(statement, values, database_=server.database)
        return [record.data() for record in answer.records]


@contextmanager
def another_process(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Somebody else who works with the engine of this folder, until its input ends."""
    line = [sys.executable, "-c", USER, str(data)]
    user = subprocess.Popen(line, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield user
    finally:
        if user.poll() is None:
            user.communicate(timeout=60)


def first_line(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_is_reached_from_this_machine_only_and_its_password_stands_in_one_private_file(data: Path) -> None:
    with serve(data) as server:
        running, house = running_on(data), House(data)
        sockets = child.listening(running.pid)
        assert {port for _, port in sockets} == {running.bolt_port, running.http_port}
        for host, _ in sockets:
            assert host.removeprefix("::ffff:") == "127.0.0.1"
        for private in (house.password_file, house.note):
            assert stat.S_IMODE(private.stat().st_mode) == 0o600
        assert stat.S_IMODE(house.root.stat().st_mode) == 0o700
        process = psutil.Process(running.pid)
        assert server.password
        assert server.password not in repr(server)
        assert server.password not in " ".join(process.cmdline())
        assert server.password not in " ".join(process.environ().values())
        assert server.password not in house.output.read_text(encoding="utf-8")
        with pytest.raises(EngineProblem) as caught:
            answers(Server(server.uri, "root", "guessed", "neo4j", "embedded"))
        assert caught.value.code == "engine.denied"


def test_every_commit_is_synced_and_no_other_door_is_open(data: Path) -> None:
    with serve(data):
        running = running_on(data)
        line = psutil.Process(running.pid).cmdline()
        assert "-Darcadedb.txWalFlush=2" in line
        assert not any("mcp" in part or "postgres" in part or "redis" in part for part in line[-2].split(os.pathsep))


def test_the_end_of_the_last_user_is_the_end_of_the_engine(data: Path) -> None:
    with serve(data):
        running = running_on(data)
    assert is_gone(running.pid)
    assert House(data).recall() is None
    assert list((House(data).root / "users").iterdir()) == []


def test_memory_can_be_set(data: Path) -> None:
    with serve(data, memory="384m"):
        assert "-Xmx384m" in psutil.Process(running_on(data).pid).cmdline()


def test_a_second_command_uses_the_engine_that_runs_and_the_last_one_out_stops_it(data: Path) -> None:
    with another_process(data) as starter:
        uri = first_line(starter)
        with serve(data) as server:
            running = running_on(data)
            assert server.uri == uri
            starter.communicate(timeout=60)  # who started it leaves first
            assert starter.returncode == 0
            assert not is_gone(running.pid)
            assert ask(server, "RETURN 1 AS one") == [{"one": 1}]
        assert is_gone(running.pid)


def test_two_commands_that_start_at_once_share_one_engine(data: Path) -> None:
    with another_process(data) as one, another_process(data) as two:
        assert first_line(one) == first_line(two) != ""
        pid = running_on(data).pid
    assert (one.returncode, two.returncode) == (0, 0)
    assert is_gone(pid)


def test_the_engine_of_a_killed_run_is_adopted_with_all_that_was_acknowledged(data: Path) -> None:
    with another_process(data) as killed:
        first_line(killed)
        pid = running_on(data).pid
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert not is_gone(pid)
        with serve(data) as server:
            assert running_on(data).pid == pid
            assert ask(server, "RETURN 1 AS one") == [{"one": 1}]
        assert is_gone(pid)


def test_an_orphan_that_is_mute_is_ended(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "ORPHAN", 1.0)
    with another_process(data) as killed:
        first_line(killed)
        pid = running_on(data).pid
        killed.kill()
        killed.wait()
        os.kill(pid, signal.SIGSTOP)
        with serve(data) as server:
            assert running_on(data).pid != pid
            assert ask(server, "RETURN 1 AS one") == [{"one": 1}]
        assert is_gone(pid)


def test_a_mute_engine_that_somebody_works_with_is_left_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "ORPHAN", 1.0)
    with another_process(data) as other:
        first_line(other)
        pid = running_on(data).pid
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(EngineProblem) as caught, serve(data):
                pass
        finally:
            os.kill(pid, signal.SIGCONT)
        assert caught.value.code == "engine.mute"
        assert not is_gone(pid)


def write_until_it_fails(server: Server, killer: threading.Timer) -> int:
    """How many writes were acknowledged before the engine was gone. The killer comes after some of them."""
    written = 0
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver, suppress(Neo4jError, DriverError):
        while True:
            with driver.session(database=server.database) as session, session.begin_transaction() as tx:
                tx.run("CREATE (:EngineCheckKill {n: $n})", n=written).consume()
                tx.commit()
            written += 1
            if written == 20:
                killer.start()
    return written


def test_what_was_acknowledged_survives_a_kill_of_the_engine_and_it_comes_back_under_the_same_address(
    data: Path,
) -> None:
    with serve(data) as server:
        killer = threading.Timer(0.01, os.kill, (running_on(data).pid, signal.SIGKILL))
        written = write_until_it_fails(server, killer)
        killer.join()
        assert written >= 20
        with serve(data) as again:
            assert again == server  # same port, same password
            found = ask(again, "MATCH (k:EngineCheckKill) RETURN count(DISTINCT k.n) AS n")
            assert written <= int(str(found[0]["n"])) <= written + 1  # the last one may be in without having been said


def test_a_folder_that_another_engine_holds_is_told_in_words(data: Path) -> None:
    with serve(data) as server:
        house = House(data)
        note = house.note.read_text(encoding="utf-8")
        house.note.unlink()  # as if the other engine were on another machine, on a shared disk
        with pytest.raises(EngineProblem) as caught, serve(data):
            pass
        assert caught.value.code == "engine.locked"
        assert ask(server, "RETURN 1 AS one") == [{"one": 1}]
        house.note.write_text(note, encoding="utf-8")


def test_a_recycled_process_id_is_not_taken_for_the_engine(data: Path) -> None:
    house = House(data)
    house.prepare()
    stranger = psutil.Process()
    house.remember(Running(stranger.pid, stranger.create_time() - 3600, 1, 1))
    assert child.alive(running_on(data), house) is None
    with serve(data):
        assert running_on(data).pid != stranger.pid
    assert stranger.is_running()


@pytest.mark.parametrize("which", [1, 2], ids=["bolt", "http"])
def test_a_port_that_somebody_takes_in_between_is_no_trouble(
    data: Path, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_port, asked = child.free_port, 0
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def taken_once(preferred: int | None = None) -> int:
            nonlocal asked
            asked += 1
            return int(other.getsockname()[1]) if asked == which else free_port(preferred)

        monkeypatch.setattr(child, "free_port", taken_once)
        with serve(data) as server:
            assert answers(server)
            assert asked == 4


def test_an_interrupted_start_leaves_no_child(data: Path) -> None:
    with another_process(data) as user:
        note = House(data).note
        while not note.exists():
            assert user.poll() is None
        pid = running_on(data).pid
        user.send_signal(signal.SIGINT)
        user.communicate(timeout=60)
    assert user.returncode != 0
    assert is_gone(pid)


def test_a_lost_password_is_made_anew_and_the_data_stays(data: Path) -> None:
    with serve(data) as server:
        ask(server, "CREATE (:EngineCheckKept)")
    House(data).password_file.unlink()
    with serve(data) as again:
        assert again.password != server.password
        assert ask(again, "MATCH (k:EngineCheckKept) RETURN count(k) AS n") == [{"n": 1}]


def test_the_polite_request_of_windows_ends_it_too(data: Path) -> None:
    with serve(data) as server:
        ask(server, "CREATE (:EngineCheckKept)")
        running, house = running_on(data), House(data)
        child.ask_to_end(psutil.Process(running.pid), running, house, over_http=True)
        assert child.wait_for_end(running, house, 20)


def test_logs_stay_in_their_place_and_the_output_of_the_run_before_is_kept(data: Path) -> None:
    for _ in range(2):
        with serve(data):
            pass
    names = {path.name for path in House(data).log.iterdir()}
    assert {"output.log", "output.before.log", "arcadedb.log.0"} <= names


def test_the_engines_logs_quote_no_value_that_was_refused(data: Path) -> None:
    with serve(data) as server:
        ask(server, "CREATE CONSTRAINT engine_check_kept IF NOT EXISTS FOR (n:EngineCheckKept) REQUIRE n.id IS UNIQUE")
        for statement in (
            "CREATE (:EngineCheckKept {id: $v}), (:EngineCheckKept {id: $v})",
            "RETURN date($v)",
            "RETURN $v +",
        ):
            with pytest.raises(Neo4jError):
                ask(server, statement, v="valor-que-nadie-debe-leer")
    logs = b"".join(path.read_bytes() for path in House(data).log.iterdir())
    assert b"ArcadeDB Server started" in logs
    assert b"valor-que-nadie" not in logs


def test_a_full_disk_is_told_before_anything_is_started(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "NEEDED_BYTES", 2**62)
    with pytest.raises(EngineProblem) as caught, serve(data):
        pass
    assert caught.value.code == "engine.disk-full"
    assert House(data).recall() is None


def test_a_data_folder_that_is_a_file_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EngineProblem) as caught, serve(file):
        pass
    assert caught.value.code == "engine.folder"


def test_a_machine_without_the_package_is_told_of_the_other_way(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EngineProblem) as caught, serve(data):
        pass
    assert caught.value.code in ("engine.not-installed", "engine.no-wheel")


def test_memory_that_is_no_size_is_refused(data: Path) -> None:
    with pytest.raises(EngineProblem) as caught, serve(data, memory="512m -Dfoo"):
        pass
    assert caught.value.code == "engine.bad-memory"
