"""The office of the tests of case work: a manager, colleagues, a stranger and others, signed in as a browser is. (R-25)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from httpx2 import Response

from graph.model.actor import Role
from graph.model.log import Entry
from graph.secrets import open_secrets
from graph.server import Server
from graph.store import cases, log
from graph.store.network import Network, Tx
from tests.accounts import House
from tests.cast import CLINIC, HOME, OTHER
from tests.desk import Desk
from tests.sending import set_the_clinic
from tests.ui.pages import Form, Page, send

PEOPLE: Final = (
    ("the.manager", Role.CASE_MANAGER, HOME),
    ("the.colleague", Role.CASE_MANAGER, HOME),
    ("the.leaver", Role.CASE_MANAGER, HOME),
    ("the.stranger", Role.CASE_MANAGER, OTHER),
    ("the.clinic", Role.PROVIDER, CLINIC),
    ("the.officer", Role.DATA_PROTECTION_OFFICER, HOME),
    ("the.doctor", Role.PROFESSIONAL, CLINIC),
)
MISSING: Final = "0000-0000-0000-0000"


class Office(Desk):
    """A desk at which pages are read as a browser reads them."""

    def run_log(self, case: str) -> list[tuple[str, list[str]]]:
        """Kind and field codes of every entry of a case, the oldest first."""

        async def read(network: Network) -> list[Entry]:
            async def stream(tx: Tx) -> list[Entry]:
                found = await cases.unseen(tx, case)
                return await log.read(tx, found.stream)

            return await network.read(stream)

        return [(str(entry.body.kind), list(entry.body.fields)) for entry in self.house.run(read)]

    def page(self, path: str, by: str = "the.manager", lang: str = "es", status: int = 200) -> Page:
        answer = self[by].get(path, headers={"Accept-Language": lang})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return Page(answer)

    def sends(
        self, path: str, action: str, said: dict[str, Any] | None = None, *, by: str = "the.manager", status: int = 303
    ) -> Response:
        """Fill in the form of a page that goes to this address, and send it."""
        (form, *_) = [form for form in self.page(path, by).forms if form.action == action]
        return self.posts(form, said, by=by, status=status)

    def posts(
        self, form: Form, said: dict[str, Any] | None = None, *, by: str = "the.manager", status: int = 303
    ) -> Response:
        answer = send(self[by], form, **(said or {}))
        assert answer.status_code == status, (form.action, answer.status_code, Page(answer).text[-1500:])
        assert answer.headers["cache-control"] == "no-store"
        return answer


@pytest.fixture(scope="module")
def office(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of an office") / "keys"))
    office = Office(house.staged(set_the_clinic, *PEOPLE))
    yield office
    office.close()
