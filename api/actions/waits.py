"""What waits for a case manager in a case, the most pressing first: from needs, plan and referrals alone. (R-12, R-14, R-40)

Pure; whoever shows a case or a list of cases asks here, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from api.actions.consequences import open_tasks
from graph.model.case import Goal, Need
from graph.model.owed import Owed
from graph.model.referral import OPEN, Referral, Status
from graph.model.status_reason import Consequence


class Waiting(StrEnum):
    """What there is to do. The order is that in which it is shown."""

    LATE = "late"
    """a provider owes an answer, and its time has passed"""
    GOES_ON = "goes-on"
    """consent was taken back while a service ran: the person is asked whether it goes on"""
    TASK = "task"
    """something that followed from why a referral ended"""
    REVIEW = "review"
    """a goal whose day of review has come"""
    AGREE = "agree"
    """a need the person has not agreed to yet"""
    SEEK = "seek"
    """an agreed need that nobody was asked to meet, or nobody met"""
    SEND = "send"
    """a referral that was drafted and not sent"""
    NO_NEED = "no-need"
    """nothing was written down that the person needs"""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing to do, and about what."""

    what: Waiting
    need_id: str | None = None
    referral_id: str | None = None
    goal_id: str | None = None
    task: Consequence | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A referral with what its provider owes now."""

    referral: Referral
    owed: tuple[Owed, ...] = ()

    def is_late(self, *, at: datetime) -> bool:
        """An answer is owed whose time has passed."""
        return any(one.is_late(at=at) for one in self.owed)


MET = OPEN | {Status.COMPLETED, Status.DRAFT}
"""States of a referral in which its need is being met, or was."""


def waits_of(
    needs: Iterable[Need], goals: Iterable[Goal], on_way: Iterable[OnItsWay], *, at: datetime
) -> tuple[Wait, ...]:
    """All that waits in an open case. (R-14)"""
    needs, on_way = list(needs), list(on_way)
    found = []
    for one in on_way:
        referral = one.referral
        if one.is_late(at=at):
            found.append(Wait(Waiting.LATE, referral.need_id, referral.id, due_on=min(o.by for o in one.owed).date()))
        if referral.asked_at is not None and referral.goes_on is None and referral.status in OPEN:
            found.append(Wait(Waiting.GOES_ON, referral.need_id, referral.id))
        found += [Wait(Waiting.TASK, referral.need_id, referral.id, task=task) for task in open_tasks(referral)]
        if referral.status is Status.DRAFT:
            found.append(Wait(Waiting.SEND, referral.need_id, referral.id))
    found += [Wait(Waiting.REVIEW, goal_id=g.id, due_on=g.review_on) for g in goals if g.review_on <= at.date()]
    taken_up = {one.referral.need_id for one in on_way if one.referral.status in MET}
    for need in needs:
        if need.agreed_at is None and need.revoked_at is None:
            found.append(Wait(Waiting.AGREE, need.id))
        elif need.is_agreed(at=at) and need.id not in taken_up:
            found.append(Wait(Waiting.SEEK, need.id))
    if not needs:
        found.append(Wait(Waiting.NO_NEED))
    order = list(Waiting)
    return tuple(sorted(found, key=lambda wait: order.index(wait.what)))
