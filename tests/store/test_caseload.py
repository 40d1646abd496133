"""The caseload and the desk, on every engine: what waits, who sees which case, and what is asked for. (R-12, R-14, R-21)"""

from __future__ import annotations

from api.actions import asking, case_desk, caseload, cases
from api.actions.asking import Asking, ToShow
from api.actions.waits import Waiting
from graph.secrets import Secrets
from graph.store.network import Network
from tests.cast import CLINIC, COLLEAGUE, OWNER, STRANGER
from tests.sending import PURPOSE, Walk


async def test_a_case_is_listed_with_what_waits_in_it_and_found_by_its_number(
    clinic: Network, walk: Walk, secrets: Secrets
) -> None:
    who = walk.later()
    found = await clinic.read(caseload.read, **who)
    (mine,) = [one for one in found.cases if one.row.id == walk.case_id]
    assert [wait.what for wait in mine.waits] == [Waiting.SEEK] and mine.on_way == 0 and mine.row.mine
    await walk.sent()
    found = await clinic.read(caseload.read, sought=walk.case_id[:9].lower(), **walk.later())
    (mine,) = found.cases
    assert (mine.row.id, mine.on_way, mine.waits) == (walk.case_id, 1, ())
    for actor, many in ((COLLEAGUE, 1), (STRANGER, 0)):
        seen = await clinic.read(caseload.read, mine=False, sought=walk.case_id, **walk.later() | {"actor": actor})
        assert len(seen.cases) == many, actor.id
    await clinic.write(cases.restrict, walk.case_id, restricted=True, **walk.later())
    seen = await clinic.read(caseload.read, mine=False, sought=walk.case_id, **walk.later() | {"actor": COLLEAGUE})
    assert seen.cases == ()


async def test_the_desk_says_what_is_owed_and_what_its_reader_may_do(clinic: Network, walk: Walk) -> None:
    sent = await walk.sent()
    desk = await clinic.write(case_desk.read, walk.case_id, **walk.later())
    (way,) = desk.on_way
    assert way.referral.id == sent.referral_id and {one.due.value for one in way.owed} == {"receive", "decide"}
    assert "case-record" in desk.may and desk.file.told == ()
    beside = await clinic.write(case_desk.read, walk.case_id, **walk.later() | {"actor": COLLEAGUE})
    assert "case-record" not in beside.may and beside.asked == ()


async def test_what_the_recipients_rules_ask_for_is_told_with_what_is_written_down(clinic: Network, walk: Walk) -> None:
    asked = Asking(organization_id=CLINIC, purpose=PURPOSE)
    shown = await clinic.read(asking.to_show, walk.case_id, asked, actor=OWNER, at=walk.at)
    assert isinstance(shown, ToShow)
    wanted = [(one.field, one.required, one.is_recorded) for one in shown.wanted]
    assert wanted == [
        ("given_name", True, True),
        ("telephone", False, True),
        ("health_condition", True, True),
        ("allergies", False, True),
    ]
