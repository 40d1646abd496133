"""Values of a record and groups of people as a page says them: never as a code. (R-20)"""

from __future__ import annotations

import pytest

from api.gazetteer import Gazetteer
from api.ui.committee.indicators import group_in_words
from api.ui.recorded import in_words
from graph.seed.catalogue import fields


@pytest.mark.parametrize(("band", "said"), [("26-59", "De 26 a 59 años"), ("60-", "60 años o más"), ("", "No se dijo")])
def test_a_band_of_years_is_said_in_words(band: str, said: str) -> None:
    assert group_in_words("es", "age_band", band) == said
    if band:
        assert in_words(fields()["age_band"], band, "es", Gazetteer(())).casefold() == said.casefold()
