"""Keys outside the graph: envelopes, keystore, key files, blind indexes, signatures. (R-21)"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from api.texts import text
from graph.blind_index import blind
from graph.envelope import EnvelopeProblem, seal, unseal
from graph.keystore import Keystore, KeystoreProblem
from graph.log.entry import Signer, canonical, commitment, sign, verify
from graph.model.log import EntryBody, Kind
from graph.secrets import lies_within, open_secrets

KEY = bytes(range(32))
PLACE: dict[str, Any] = {"case_id": "c", "field": "given_name", "version": 3}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


@given(JSON)
def test_an_envelope_gives_back_what_was_put_in(value: Any) -> None:
    assert unseal(KEY, seal(KEY, value=value, **PLACE), **PLACE) == value


@pytest.mark.parametrize(
    "other", [{"case_id": "d"}, {"field": "family_name"}, {"version": 4}, {"case_id": 'c", "given_name'}]
)
def test_an_envelope_opens_for_its_case_field_and_version_alone(other: dict[str, Any]) -> None:
    sealed = seal(KEY, value="x", **PLACE)
    with pytest.raises(EnvelopeProblem):
        unseal(KEY, sealed, **(PLACE | other))


def test_an_envelope_opens_with_its_key_alone_and_not_when_a_byte_changed() -> None:
    sealed = seal(KEY, value="x", **PLACE)
    with pytest.raises(EnvelopeProblem):
        unseal(bytes(32), sealed, **PLACE)
    for at, sign_ in enumerate(sealed):
        changed = sealed[:at] + ("A" if sign_ != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(EnvelopeProblem):
            unseal(KEY, changed, **PLACE)


def test_two_envelopes_of_one_value_differ_and_yes_is_as_long_as_no() -> None:
    assert seal(KEY, value="x", **PLACE) != seal(KEY, value="x", **PLACE)
    assert len(seal(KEY, value=True, **PLACE)) == len(seal(KEY, value=False, **PLACE))


def test_the_keystore_survives_a_new_start(tmp_path: Path) -> None:
    first = open_secrets(tmp_path / "keys")
    key = first.keystore.create("p")
    assert first.keystore.create("p") == key
    first.keystore.close()
    again = open_secrets(tmp_path / "keys")
    assert again.keystore.key_of("p") == key and again.keystore.key_of("q") is None
    assert (again.index_key, again.signer.key_id) == (first.index_key, first.signer.key_id)


def test_two_processes_worth_of_keystores_see_each_other(tmp_path: Path) -> None:
    one, two = open_secrets(tmp_path / "k").keystore, open_secrets(tmp_path / "k").keystore
    assert two.create("p") == one.create("p")
    one.destroy("p")
    assert two.key_of("p") is None


def wrapped_of(folder: Path) -> bytes:
    """The wrapped key of p, as it lies in the file."""
    with sqlite3.connect(f"file:{folder / 'keystore.sqlite3'}?mode=ro", uri=True) as connection:
        return bytes(connection.execute("SELECT wrapped FROM keys WHERE id = 'p'").fetchone()[0])


def test_a_destroyed_key_is_in_no_file_any_more_not_even_wrapped(tmp_path: Path) -> None:
    keystore = open_secrets(tmp_path).keystore
    keystore.create("p")
    keystore.create("q")  # so that the journal holds a page with the first key
    wrapped = wrapped_of(tmp_path)
    there = [f.name for f in tmp_path.iterdir() if wrapped in f.read_bytes()]
    assert sorted(there) == ["keystore.sqlite3", "keystore.sqlite3-journal"]
    keystore.destroy("p")
    assert not [f.name for f in tmp_path.iterdir() if wrapped in f.read_bytes()]
    assert keystore.key_of("p") is None and keystore.key_of("q") is not None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_key_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    open_secrets(folder).keystore.create("p")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {f.name: stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()} == dict.fromkeys(
        ["master.key", "signing.key", "index.key", "keystore.sqlite3", "keystore.sqlite3-journal", ".lock"], 0o600
    )
    (folder / "master.key").chmod(0o640)
    assert problem(folder) == "secrets.open-to-others"


def problem(folder: Path) -> str:
    """The code of what is wrong, once it has been said in both languages."""
    with pytest.raises(KeystoreProblem) as raised:
        open_secrets(folder)
    for language in ("es", "en"):
        said = text(raised.value.code, language, **raised.value.places)
        assert said != raised.value.code and "{" not in said and str(folder) in said
    return raised.value.code


@pytest.mark.parametrize("name", ["master.key", "signing.key", "index.key"])
def test_a_missing_key_is_said_and_never_made_anew(tmp_path: Path, name: str) -> None:
    open_secrets(tmp_path)
    (tmp_path / name).unlink()
    assert problem(tmp_path) == "secrets.key-missing"
    assert not (tmp_path / name).exists()


def test_another_master_key_is_noticed_at_the_start(tmp_path: Path) -> None:
    open_secrets(tmp_path)
    other = open_secrets(tmp_path / "other")
    other.keystore.close()
    (tmp_path / "master.key").write_bytes((tmp_path / "other" / "master.key").read_bytes())
    assert problem(tmp_path) == "secrets.master-wrong"


def test_a_broken_key_or_keystore_is_said(tmp_path: Path) -> None:
    open_secrets(tmp_path).keystore.close()
    kept = (tmp_path / "index.key").read_bytes()
    (tmp_path / "index.key").write_bytes(b"short\n")
    assert problem(tmp_path) == "secrets.key-malformed"
    (tmp_path / "index.key").write_bytes(kept)
    (tmp_path / "keystore.sqlite3").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    assert problem(tmp_path) == "secrets.keystore-unreadable"


def test_a_wrapped_key_is_bound_to_its_person(tmp_path: Path) -> None:
    keystore = Keystore.open(tmp_path / "k", KEY)
    keystore.create("p")
    keystore.create("q")
    with sqlite3.connect(tmp_path / "k") as connection:
        connection.execute("UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE id = 'q') WHERE id = 'p'")
    with pytest.raises(KeystoreProblem):
        keystore.key_of("p")


def test_keys_within_the_data_folder_are_noticed(tmp_path: Path) -> None:
    assert lies_within(tmp_path / "data" / "keys", tmp_path / "data")
    assert lies_within(tmp_path / "data" / ".." / "data" / "keys", tmp_path / "data")
    assert not lies_within(tmp_path / "keys", tmp_path / "data")


def test_a_blind_index_is_no_dictionary_away_from_its_number() -> None:
    number, key = "0801-1990-12345", b"k" * 32
    index = blind(key, "document_number", number)
    guesses = {
        hashed
        for guess in (f"0801-1990-{n:05}" for n in range(12_000, 12_500))
        for form in (guess, guess.replace("-", ""))
        for hashed in (hashlib.sha256(form.encode()).hexdigest(), blind(b"x" * 32, "document_number", form))
    }
    assert index not in guesses and len(bytes.fromhex(index)) * 8 >= 128
    assert index in {blind(key, "document_number", f"0801 1990 {n:05}") for n in range(12_000, 12_500)}
    assert index != blind(key, "telephone", number)
    with pytest.raises(ValueError, match="32"):
        blind(b"short", "document_number", number)


BODY = EntryBody(
    stream="s", n=1, kind=Kind.TRANSFER, at="2026-11-21T15:00:00.000Z", actor="a", role="case-manager",
    fields=("given_name",), sop_version=3,
)  # fmt: skip


def test_the_canonical_form_is_the_one_of_the_standard_and_without_null() -> None:
    found = json.loads(canonical(BODY))
    assert canonical(BODY) == rfc8785.dumps(found) == json.dumps(found, sort_keys=True, separators=(",", ":")).encode()
    assert None not in found.values() and EntryBody.model_validate(found) == BODY


def test_a_signature_holds_for_one_body_and_one_key() -> None:
    signer, other = Signer.from_seed(KEY), Signer.from_seed(bytes(32))
    entry = sign(BODY, signer)
    assert verify(entry, signer.public_key) and not verify(entry, other.public_key)
    assert entry.key_id == signer.key_id != other.key_id
    for change in ({"n": 2}, {"actor": "b"}, {"fields": ("family_name",)}, {"purpose": "x"}, {"sop_version": None}):
        assert not verify(entry.model_copy(update={"body": BODY.model_copy(update=change)}), signer.public_key)
    for broken in ("", "!", entry.signature[:-2], entry.signature.swapcase()):
        assert not verify(entry.model_copy(update={"signature": broken}), signer.public_key)


def test_a_commitment_tells_nothing_without_its_salt() -> None:
    salts = [bytes([n]) * 32 for n in range(2)]
    assert commitment("t", salts[0], "x") == commitment("t", salts[0], "x")
    assert len({commitment(tag, salt, "x") for tag in ("t", "u") for salt in salts}) == 4
    with pytest.raises(ValueError, match="salt"):
        commitment("t", b"short", "x")


def test_secrets_show_no_key_when_printed(tmp_path: Path) -> None:
    secrets = open_secrets(tmp_path)
    assert repr(secrets.index_key) not in repr(secrets) and "PrivateKey" not in repr(secrets)
