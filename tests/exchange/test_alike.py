"""Which entries may be one: names forgive what people do to names, short names are not guessed at. (R-02)

The names of the Jordan data are real spellings of real organisations; the test is skipped where those data are not.
"""

from __future__ import annotations

from typing import Final

import pytest

from graph.exchange.alike import Compared, Sign, likely
from tests.store.jordan import FOLDER, Mapping


def organizations(*names: str, **more: str) -> list[Compared]:
    return [Compared(str(n), (name,)) for n, name in enumerate(names)]


SAME: Final = [
    ("Fundación Casa Abierta (demo)", "CASA ABIERTA, ONG"),
    ("Asociación de Retornados de Xela", "Asociacion de Retornados de Xela A.C."),
    ("Casa del Migrante Guatemala", "Casa del Migrante"),
    ("IFH/NHF", "NHF"),
    ("SCI", "SC Guatemala"),
    ("Consejo Noruego para Refugiados", "CNR"),
    ("Pastoral de la Movilidad Humana", "Pastoral de Mobilidad Humana"),
]
OTHERS: Final = [
    ("IMC", "ICMC"),
    ("IRC", "IRD"),
    ("JRS", "JHAS"),
    ("Casa Norte", "Casa Sur"),
    ("Centro de Salud 1", "Centro de Salud 2"),
    ("Hospital Nacional", "Registro Nacional"),
    ("MC", "MDM"),
    ("SCI", "SC"),  # without a place nothing says that it is a branch
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_name_are_found(one: str, other: str) -> None:
    (pair,) = likely("organization", organizations(one, other), places=["Guatemala"])
    assert pair.signs


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_names_that_only_look_alike_are_not(one: str, other: str) -> None:
    assert likely("organization", organizations(one, other), places=["Guatemala"]) == []


def test_a_telephone_or_an_address_says_more_than_a_name() -> None:
    one = Compared(
        "1", ("Casa Norte",), phones=frozenset({"+502 7761-0000"}), webs=frozenset({"https://www.norte.org/a"})
    )
    other = Compared("2", ("Albergue",), phones=frozenset({"7761 0000"}), webs=frozenset({"norte.org"}))
    (pair,) = likely("organization", [one, other])
    assert pair.signs == (Sign.PHONE, Sign.WEB)
    assert likely("organization", [one, Compared("3", ("Albergue",), phones=frozenset({"123"}))]) == []


def test_what_somebody_decided_on_is_not_shown_again() -> None:
    pair = organizations("NHF", "IFH/NHF")
    assert likely("organization", pair, known=[("1", "0")]) == []


def service(id: str, name: str, *, of: str = "o", types: str = "t", places: str = "GT09", phone: str = "") -> Compared:
    phones = frozenset({phone} - {""})
    return Compared(id, (name,), of, phones=phones, types=frozenset({types}), places=frozenset({places}))


def test_a_service_is_another_one_at_another_place_or_of_another_kind() -> None:
    def pairs(*services: Compared) -> int:
        return len(likely("service", services, places=["Quetzaltenango", "Huehuetenango"]))

    first = service("1", "Ayuda legal Quetzaltenango")
    assert pairs(first, service("2", "Ayuda Legal, Quetzaltenango")) == 1
    assert pairs(first, service("2", "Ayuda legal Huehuetenango", places="GT13")) == 0
    assert pairs(first, service("2", "Ayuda legal Quetzaltenango", types="u", places="GT13")) == 0
    assert pairs(first, service("2", "Ayuda legal Quetzaltenango", of="p")) == 0, "a common name at another provider"
    both = [service(n, "Ayuda legal Quetzaltenango", of=n, phone="+502 7761 0000") for n in ("1", "2")]
    assert pairs(*both) == 1, "unless they answer the same telephone"


def test_it_is_quick_enough_for_a_country() -> None:
    many = [Compared(str(n), (f"Organización número {n} {n % 97}",)) for n in range(3000)]
    assert isinstance(likely("organization", many), list)


@pytest.mark.skipif(
    not FOLDER.exists(), reason="the Jordan mapping is not beside this checkout (../shared/data/jordan)"
)
def test_the_real_spellings_of_jordan_are_found_and_no_others() -> None:
    mapping = Mapping(FOLDER)
    names: dict[str, str] = {}
    types: dict[str, set[str]] = {}
    for document in mapping.services:
        id = document["organization"]["id"]
        names[id] = document["organization"]["name"]
        types.setdefault(id, set()).update(a["value"] for a in document["attributes"])
    compared = [Compared(id, (name,), types=frozenset(types[id])) for id, name in names.items()]
    found = {frozenset({names[p.one], names[p.other]}) for p in likely("organization", compared, places=["Jordan"])}
    assert found == {frozenset({"IFH/NHF", "NHF"}), frozenset({"SCI", "SC Jordan"})}
