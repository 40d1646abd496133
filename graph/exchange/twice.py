"""One id, different content: which descriptions hold, and which rows are set aside. (R-02)

Of two services with one id neither goes in: nobody can say which one is meant. The same for two documents of one
organisation. Of an organisation that only stands nested under several names, the name holds for which something
speaks (see `holder`); where nothing does, none. Everything is noted in the first reading of the files, so that the
order of rows decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from graph.exchange.hsds import id_of
from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Place
from graph.exchange.register import Register

SERVICE: Final = "service"
OTHER_SERVICE: Final = "other-service"
ORGANIZATION: Final = "organization"
OTHER_ORGANIZATION: Final = "other-organization"
TWO_NAMES: Final = "two-names"
TWO_DOCUMENTS: Final = "two-documents"


# -- services --------------------------------------------------------------------------------------------------------


def note_service(
    document: Mapping[str, Any], place: Place, register: Register, *, organization: Mapping[str, Any] | None = None
) -> None:
    """Note a service as it was parsed. How its organisation is described is the organisation's matter."""
    id = id_of(document)
    if id is None:
        return
    owner = document.get("organization") if organization is None else organization
    owner = owner if isinstance(owner, Mapping) else {"id": document.get("organization_id")}
    content = {n: v for n, v in document.items() if n not in ("quarantine", "organization", "organization_id")}
    stated = {"content": content, "owner": [id_of(owner), name_of(owner)]}
    first = register.put(SERVICE, id, stated, place, keep=False, default=_number)
    if first is not None and not first.same:
        register.put(OTHER_SERVICE, id, {}, place)


def other_service(id: str, place: Place, register: Register) -> Place | None:
    """Where another service of this id stands, with other content; None when there is none."""
    other = register.get(OTHER_SERVICE, id)
    if other is None:
        return None
    first = register.get(SERVICE, id)
    assert first is not None  # the other one came second
    return other.place if _one_place(first.place, place) else first.place


def _one_place(one: Place, other: Place) -> bool:
    return (one.file, one.pointer) == (other.file, other.pointer)


def _number(value: Any) -> int | float:
    """A number that the parser keeps exact, as the reading of rows takes it: `1.0` is `1`."""
    if not isinstance(value, Decimal):
        raise TypeError
    number = float(value)
    return int(number) if abs(number) < 2**53 and number.is_integer() else number


# -- organisations ---------------------------------------------------------------------------------------------------


def name_of(document: Mapping[str, Any]) -> str | None:
    """What an organisation is called in a description, if it is called anything."""
    name = document.get("name")
    if name is None or name == "":
        return None
    return name.strip() if isinstance(name, str) else json.dumps(name, default=str)


def belongs(document: Mapping[str, Any], id: str, register: Register) -> tuple[str, str]:
    """Kind and key under which a description stands in the register: with those of the same name."""
    name = name_of(document)
    first = register.get(ORGANIZATION, id)
    called = name_of(first.document) if first is not None else None
    if name is None or called is None or called == name:
        return ORGANIZATION, id
    return OTHER_ORGANIZATION, _key(id, name)


def _key(id: str, name: str | None) -> str:
    return f"{id}\x1f{name}"


def note_two_documents(id: str, first: Place, other: Place, properties: list[str], register: Register) -> None:
    """Two documents of one organisation contradict each other: neither holds."""
    told = {"first": [first.file, first.pointer], "properties": ", ".join(properties)}
    register.put(TWO_DOCUMENTS, id, told, other)


def settle_names(register: Register, known: Mapping[str, str]) -> None:
    """Decide, after everything was read once, which of several names of one organisation holds."""
    for id, told in register.several_names():
        first = register.get(ORGANIZATION, id)
        assert first is not None  # a name is told where something is described
        called = name_of(first.document)
        holds = holder(told, known.get(id))
        if holds is not None and holds != called:
            other = register.get(OTHER_ORGANIZATION, _key(id, holds))
            assert other is not None  # likewise
            register.replace(ORGANIZATION, id, other.document, other.place, whole=other.whole)
            register.put(OTHER_ORGANIZATION, _key(id, called), {}, first.place)
        one = holds or called
        another = next(name for name, _, _ in told if name != one)
        shown = []
        for name in (one, another):
            at = register.get(ORGANIZATION, id) if name == one else register.get(OTHER_ORGANIZATION, _key(id, name))
            shown.append([name, at.place.pointer if at else ""])
        register.put(TWO_NAMES, id, {"holds": holds, "told": shown}, first.place)


def holder(told: list[tuple[str, int, bool]], known: str | None) -> str | None:
    """Which of several names holds: that of the organisation's own document, else the one that the network knows,
    else the one that more rows tell. None when nothing speaks for one of them: a default would be a guess.

    A name is told with how many rows tell it, and whether one of them is a document of the organisation's own.
    """
    own = [name for name, _, whole in told if whole]
    if own:
        return own[0] if len(own) == 1 else None
    if any(name == known for name, _, _ in told):
        return known
    most = max(rows for _, rows, _ in told)
    leading = [name for name, rows, _ in told if rows == most]
    return leading[0] if len(leading) == 1 else None


def is_nobody(id: str, register: Register) -> bool:
    """Whether of several descriptions of an organisation none holds."""
    names = register.get(TWO_NAMES, id)
    return register.has(TWO_DOCUMENTS, id) or (names is not None and names.document["holds"] is None)


def contradiction(
    document: Mapping[str, Any], place: Place, register: Register, problems: Collector, *, own: bool = False
) -> bool:
    """Tell that this description does not hold, if it does not. `own`: it is a document of the organisation's own."""
    id = id_of(document)
    if id is None:
        return False
    names = register.get(TWO_NAMES, id)
    name = name_of(document)
    if names is not None and name is not None and name != names.document["holds"]:
        other, pointer = next(one for one in names.document["told"] if one[0] != name)
        problems.add(Fault.OTHER_NAME, place.at("name"), name=name, other=other, first=pointer)
        return True
    twice = register.get(TWO_DOCUMENTS, id) if own else None
    if twice is not None:
        first = Place(*twice.document["first"])
        there = twice.place if _one_place(first, place) else first
        stated = twice.document["properties"]
        problems.add(Fault.OTHER_CONTENT, place, noun="organization", first=there.pointer, properties=stated)
        return True
    return False
