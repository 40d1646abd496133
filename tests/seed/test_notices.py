"""Notices: what was published never changes, every language says the same, and no placeholder is shown. (R-20, R-24)"""

from __future__ import annotations

from datetime import date
from string import Formatter
from typing import Final

import pytest
from pydantic import ValidationError

from graph.model.consent import NoticeShown
from graph.model.refusal import Reason, Refusal
from graph.seed import notices as module
from graph.seed.notices import PLACES, Notice, Wording, choose, current, languages, notices, wording
from graph.seed.vocabulary import terms

TODAY: Final = date(2026, 11, 21)
ALL: Final = [(n.id, v.version, code) for n in notices().values() for v in n.versions for code in v.wordings]


def refused(answer: NoticeShown | Refusal) -> Reason:
    assert isinstance(answer, Refusal)
    return answer.codes[0]


def test_there_is_one_for_the_person_one_for_who_represents_them_and_one_a_child_can_read() -> None:
    assert {n.for_ for n in notices().values()} == {"person", "representative", "child"}
    for id, notice in notices().items():
        assert id == notice.id
        assert languages(id, on=TODAY) == ("es", "en")


@pytest.mark.parametrize(("id", "version", "code"), ALL)
def test_every_wording_is_whole_and_leaves_open_only_known_places(id: str, version: int, code: str) -> None:
    found = wording(id, version, code)
    assert found
    assert found.title.strip()
    assert len(found.text) > 100
    places = {name for _, name, _, _ in Formatter().parse(found.whole) if name}
    assert places <= PLACES
    assert code in {*terms("languages"), "es", "en"}
    if found.status == "published":
        spanish = wording(id, version, "es")
        assert spanish
        assert places == {name for _, name, _, _ in Formatter().parse(spanish.whole) if name}
        assert found.sha256 == found.digest


def test_a_mayan_language_has_its_place_in_every_notice_and_can_never_be_chosen() -> None:
    for id, notice in notices().items():
        for version in notice.versions:
            placeholder = version.wordings["quc"]
            assert placeholder.status == "not-translated"
            assert "NOT TRANSLATED, DO NOT USE" in placeholder.title
            assert placeholder.sha256 is None
        assert refused(choose(id, "quc", on=TODAY)) is Reason.NOTICE_NOT_TRANSLATED


def test_what_is_chosen_carries_the_hash_of_what_was_read() -> None:
    shown = choose("sharing", "es", on=TODAY)
    assert isinstance(shown, NoticeShown)
    found = wording(shown.id, shown.version, shown.language)
    assert found
    assert found.digest == shown.sha256


def test_what_there_is_not_cannot_be_chosen() -> None:
    assert refused(choose("sharing", "fr", on=TODAY)) is Reason.NOTICE_UNKNOWN
    assert refused(choose("nothing", "es", on=TODAY)) is Reason.NOTICE_UNKNOWN
    assert refused(choose("sharing", "es", on=date(2020, 1, 1))) is Reason.NOTICE_UNKNOWN
    assert wording("sharing", 99, "es") is None
    assert wording("nothing", 1, "es") is None
    assert languages("nothing", on=TODAY) == ()


def test_a_screen_that_showed_an_older_version_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    old = notices()["sharing"]
    newer = old.versions[0].model_copy(update={"version": 2, "valid_from": TODAY})
    changed = {"sharing": old.model_copy(update={"versions": (*old.versions, newer)})}
    monkeypatch.setattr(module, "notices", lambda: changed)
    assert refused(choose("sharing", "es", on=TODAY, version=1)) is Reason.NOTICE_SUPERSEDED
    before = choose("sharing", "es", on=date(2026, 11, 20), version=1)
    assert isinstance(before, NoticeShown)
    now = current("sharing", on=TODAY)
    assert now
    assert now.version == 2


def test_a_published_wording_that_was_edited_is_refused_at_reading() -> None:
    found = wording("sharing", 1, "es")
    assert found
    edited = found.model_dump() | {"text": found.text.replace("una sola organización", "varias organizaciones")}
    with pytest.raises(ValidationError, match="a change is a new version"):
        Wording.model_validate(edited)
    with pytest.raises(ValidationError, match="a change is a new version"):
        Wording.model_validate({"title": "t", "text": "x"})
    with pytest.raises(ValidationError, match="nobody translated"):
        Wording.model_validate({"title": "t", "text": "x", "status": "not-translated", "sha256": "0" * 64})


def test_versions_are_numbered_without_a_hole() -> None:
    old = notices()["sharing"]
    second = old.versions[0].model_copy(update={"version": 3})
    with pytest.raises(ValidationError, match="without a hole"):
        Notice.model_validate({**old.model_dump(by_alias=True), "versions": [old.versions[0], second]})


def test_a_child_is_asked_for_a_view_and_not_for_a_consent() -> None:
    for code, permission in (("es", "permiso"), ("en", "permission")):
        found = wording("sharing-child", 1, code)
        assert found
        assert permission in found.text  # said to be the grown-up's
        assert max(len(s.split()) for s in found.text.replace("\n", " ").split(". ")) <= 25  # words of their age
