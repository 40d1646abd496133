"""Listening elsewhere, on real sockets: only with accounts, sign-in only over https, proxies believed only when told. (R-21)

"Elsewhere" is this machine's own address on its network; where it has none, the tests are skipped in sight.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil
import pyotp
import pytest
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx2 import Client, Response
from typer.testing import CliRunner, Result

from api.cli import accounts, up
from api.cli.conversation import Conversation
from api.settings import read_settings
from graph.engine import serve
from graph.store.migrate import migrate
from graph.store.network import Network, Tx
from tests.house.tree import CHECKOUT

pytestmark = pytest.mark.xdist_group("embedded")

ORGANIZATION: Final = "CREATE (:Organization {id: 'org-home-demo', name: 'org-home-demo'})"
ADD: Final = ("--organization", "org-home-demo", "--role", "admin")
NAME: Final = "enlace.example.org"


def here() -> str:
    """An address of this machine that is not loopback."""
    found = [a.address for x in psutil.net_if_addrs().values() for a in x if a.family is socket.AF_INET]
    return next((address for address in found if not ipaddress.ip_address(address).is_loopback), "")


ADDRESS: Final = here()
needs_an_address = pytest.mark.skipif(not ADDRESS, reason="this machine has no address but loopback")


def enlace(*arguments: str, data: Path, lang: str = "en", **settings: Any) -> Result:
    """A command that ends by itself."""
    app = typer.Typer()
    app.command("up")(up.up)
    app.add_typer(accounts.app, name="account")
    return CliRunner().invoke(app, list(arguments), obj=Conversation(read_settings(data=data, lang=lang, **settings)))


@pytest.fixture(autouse=True)
def refused_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of this process that should have been refused does not serve for ever."""

    def serves(*_: Any) -> None:
        raise AssertionError("it serves")

    monkeypatch.setattr(up, "_serve", serves)


class House:
    """A data folder with an engine that runs, keys outside it, and accounts."""

    def __init__(self, data: Path, keys: Path) -> None:
        self.data, self.keys = data, keys
        self.people: dict[str, tuple[str, str]] = {}

    def add(self, login: str) -> None:
        told = enlace("account", "add", login, *ADD, data=self.data, keys=self.keys)
        assert told.exit_code == 0, told.output
        said = dict(line.strip().split(": ", 1) for line in told.output.splitlines() if ": " in line)
        self.people[login] = said["password"], said["TOTP secret"]

    def sign_in(self, client: Client, login: str, **headers: str) -> Response:
        password, secret = self.people[login]
        body = {"login": login, "password": password, "code": pyotp.TOTP(secret).now()}
        return client.post("/v1/sessions", json=body, headers=headers)

    @contextmanager
    def up(self, *arguments: str, **environ: str) -> Iterator[int]:
        """`enlace up` as a process of its own, until the block ends; the port it took."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ENLACE_", "NEO4J_"))}
        own = {"ENLACE_DATA": str(self.data), "ENLACE_KEYS": str(self.keys), "ENLACE_LANG": "en", "COLUMNS": "400"}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.cli", "up", "--no-demo", "--port", "0", *arguments],
            cwd=CHECKOUT,
            env={**kept, **own, **environ, "PYTHONPATH": str(CHECKOUT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = ""
        try:
            for line in process.stderr:
                said += line
                if "Enlace is at" in line:
                    yield int(line.rpartition(":")[2].strip(" /\n"))
                    return
            pytest.fail(said)
        finally:
            process.terminate()
            process.wait(30)
            process.stderr.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("listening elsewhere")

    async def organization() -> None:
        async def work(tx: Tx) -> None:
            await (await tx.run(ORGANIZATION)).consume()

        async with Network.open(server) as network:
            await migrate(network)
            await network.write(work)

    with serve(folder / "data") as server:
        asyncio.run(organization())
        yield House(folder / "data", folder / "keys")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(ADDRESS))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files


@needs_an_address
def test_nobody_else_is_served_before_somebody_has_an_account(house: House) -> None:
    """First of all in this file: later somebody has one."""
    for keys in (None, house.keys):
        for host in (ADDRESS, "0.0.0.0"):
            told = enlace("up", "--no-demo", "--port", "0", "--host", host, data=house.data, keys=keys)
            assert told.exit_code == 2, told.output
            assert "enlace account add" in told.output and "ENLACE_KEYS" in told.output
    told = enlace("up", "--no-demo", "--host", ADDRESS, "--port", "0", data=house.data, lang="es")
    assert "nadie la tiene" in told.output


def test_an_address_of_somebody_else_is_said_to_be_none_of_ours(house: House) -> None:
    told = enlace("up", "--no-demo", "--port", "0", "--host", "192.0.2.7", data=house.data, keys=house.keys)
    assert told.exit_code == 69 and "not one of this machine" in told.output
    told = enlace("up", "--no-demo", "--host", NAME, data=house.data)
    assert told.exit_code == 2 and "ENLACE_NAMES" in told.output


@pytest.mark.parametrize("how", ["inside", "deep inside", "by a link"])
def test_up_refuses_keys_that_lie_in_the_data(house: House, how: str) -> None:
    """Whoever copies the data folder would have the master and the signing key too; the demo alone may. (R-21)"""
    keys = house.data / "keys" if how == "inside" else house.data / "a" / "b" / "keys"
    if how == "by a link":
        keys = house.data.parent / "looks like elsewhere"
        keys.symlink_to(house.data / "linked keys", target_is_directory=True)
    for arguments in (
        ("up", "--no-demo", "--port", "0"),
        ("account", "add", "nobody.yet", *ADD),
    ):
        told = enlace(*arguments, data=house.data, keys=keys)
        assert told.exit_code == 2 and "copies the data" in told.output, told.output
    assert not list(house.data.rglob("master.key")) and not list(house.data.rglob("signing.key"))


@needs_an_address
def test_over_plain_http_the_directory_is_read_and_nobody_signs_in(house: House) -> None:
    house.add("sin.cifrar")
    with house.up("--host", ADDRESS) as port, Client(base_url=f"http://{ADDRESS}:{port}") as client:
        assert client.get("/").status_code == 200
        assert client.get("/v1/vocabularies").status_code == 200
        refused = house.sign_in(client, "sin.cifrar")
        assert (refused.status_code, refused.json()["code"]) == (403, "unencrypted")
        assert "https" in refused.json()["detail"]
        assert client.get("/sign-in").status_code == 403
        assert client.get("/v1/gaps?country=GT").status_code == 401, "it is not this machine's loopback"
        for name in ("x-forwarded-proto", "X-Forwarded-Proto"):
            pretended = house.sign_in(client, "sin.cifrar", **{name: "https", "X-Forwarded-For": "127.0.0.1"})
            assert pretended.status_code == 403, "nobody is believed who was not told of"
        for foreign in ("evil.example", "192.0.2.7", NAME, "0.0.0.0"):
            assert client.get("/", headers={"Host": foreign}).status_code == 421
        for own in ("localhost", "127.0.0.1"):
            forged = house.sign_in(client, "sin.cifrar", Host=own)
            assert forged.status_code == 403, "a name is easily said; the peer is not of this machine"


@needs_an_address
def test_from_this_machine_one_signs_in_over_plain_http_but_not_through_a_proxy(house: House) -> None:
    house.add("de.aqui")
    with house.up("--host", "0.0.0.0") as port:
        with Client(base_url=f"http://127.0.0.1:{port}") as client:
            through = house.sign_in(client, "de.aqui", **{"X-Forwarded-For": "192.0.2.9"})
            assert through.status_code == 403, "who knows over which line it came to that proxy"
            begun = house.sign_in(client, "de.aqui")
            assert begun.status_code == 201 and "Secure" not in begun.headers["set-cookie"]
            token = begun.cookies["enlace"]
        with Client(base_url=f"http://{ADDRESS}:{port}", cookies={"enlace": token}) as away:
            assert away.get("/v1/me").status_code == 401, "its cookie is not taken over that line"


@needs_an_address
def test_a_certificate_serves_https_and_the_cookie_is_of_this_host_alone(
    house: House, certificate: tuple[Path, Path]
) -> None:
    house.add("cifrada")
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    tls = {"ENLACE_TLS_CERTIFICATE": str(certificate[0]), "ENLACE_TLS_KEY": str(certificate[1])}
    with house.up("--host", ADDRESS, **tls) as port, Client(base_url=f"https://{ADDRESS}:{port}", verify=trust) as own:
        begun = house.sign_in(own, "cifrada")
        assert begun.status_code == 201
        cookie = begun.headers["set-cookie"]
        assert cookie.startswith("__Host-enlace=") and "Secure" in cookie and "HttpOnly" in cookie
        assert begun.headers["strict-transport-security"] == "max-age=31536000"
        assert own.get("/v1/me").json()["roles"] == ["admin"]
        assert own.get("/places").headers["cache-control"] == "no-store", "nothing is kept of who is signed in"
        assert (
            own.put("/v1/accounts/mine/password", json={}, headers={"Origin": "https://evil.example"}).status_code
            == 403
        )
    told = enlace("up", "--port", "0", data=house.data, keys=house.keys, tls_certificate=certificate[0],
                  tls_key=certificate[0])  # fmt: skip
    assert told.exit_code == 2 and "cannot be used with the key" in told.output


@needs_an_address
def test_a_proxy_is_believed_when_told_of_and_nobody_else(house: House) -> None:
    house.add("tras.el.proxy")
    https = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.50", "Host": NAME}
    settings = {"ENLACE_TRUSTED_PROXY": ADDRESS, "ENLACE_NAMES": f"{NAME}, otro.example.org"}
    with house.up("--host", "0.0.0.0", **settings) as port:
        with Client(base_url=f"http://127.0.0.1:{port}") as stranger:
            assert house.sign_in(stranger, "tras.el.proxy", **https).status_code == 403, (
                "another address than the proxy"
            )
        with Client(base_url=f"http://{ADDRESS}:{port}") as proxy:
            plain = house.sign_in(proxy, "tras.el.proxy", **(https | {"X-Forwarded-Proto": "http"}))
            assert plain.status_code == 403, "the proxy says itself that it was not https"
            begun = house.sign_in(proxy, "tras.el.proxy", **https)
            assert begun.status_code == 201 and begun.headers["set-cookie"].startswith("__Host-enlace=")
            assert "strict-transport-security" in begun.headers
            wrong = {"login": "tras.el.proxy", "password": "no", "code": "000000"}
            tries = [proxy.post("/v1/sessions", json=wrong, headers=https).status_code for _ in range(5)]
            assert tries[-1] == 429
            other = proxy.post("/v1/sessions", json=wrong, headers=https | {"X-Forwarded-For": "192.0.2.51"})
            assert other.status_code == 401, "attempts are counted by who asks, not by the proxy"
