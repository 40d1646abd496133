"""Maps say what the table beside them says, hide what is hidden, and never draw a place that is kept secret. (R-07, R-26)"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from api.actions.directory_view import ServiceView
from api.ui.maps import APART, FILLS, Mark, choropleth, departments, mark_of, points
from consent.small_numbers import Shown
from graph.model.area import Area
from graph.model.base import Language
from graph.model.directory import Location, Organization, Service

XELA = (-91.5197, 14.8456)
GUATEMALA = (-90.5133, 14.6349)


def tree(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - drawn by us


def titles(markup: str) -> list[str]:
    return [title.text or "" for title in tree(markup).iter("title")]


def shade_of(markup: str, department: str) -> str:
    (path,) = [
        p
        for p in tree(markup).iter("path")
        if (t := p.find("title")) is not None and (t.text or "").startswith(department + ":")
    ]
    return str(path.get("fill"))


@pytest.mark.parametrize(("country", "many"), [("GT", 22), ("HN", 18), ("SV", 14), ("MX", 32)])
def test_every_department_of_the_four_countries_is_drawn_once_in_few_bytes(country: str, many: int) -> None:
    drawn = choropleth(country, {}, heading="Heading", language="es", k=5)
    assert len([t for t in titles(drawn) if t.endswith(": sin dato")]) == many
    assert len(drawn.encode()) < 20_000


def test_a_country_that_is_not_carried_has_no_map() -> None:
    assert choropleth("BZ", {"BZ01": Shown(7)}, heading="Heading", language="es", k=5) == ""
    assert points("BZ", [Mark(1, "One", XELA)], heading="Heading", language="es") == ""


@pytest.mark.parametrize(
    ("language", "many", "hidden"),
    [
        ("es", "1,234", "no se dice: son menos de 10, o se calcularían otras pocas"),
        ("en", "1,234", "not told: fewer than 10, or a few others could be worked out"),
    ],
)
def test_a_number_is_told_in_words_and_on_the_map_and_a_hidden_one_is_said_to_be_hidden(
    language: Language, many: str, hidden: str
) -> None:
    values = {"GT09": Shown(1234), "GT01": Shown(None), "GT02": Shown(0), "GT03": Shown(12, at_least=True)}
    drawn = choropleth("GT", values, heading="Heading", language=language, k=10)
    assert f"Quetzaltenango: {many}" in titles(drawn)
    assert f"Guatemala: {hidden}" in titles(drawn)
    labels = [text.text for text in tree(drawn).iter("text")]
    assert {"1,234", "·", "12+"} <= set(labels)
    assert "0" not in labels


def test_a_sum_over_hidden_counts_alone_is_hidden_and_not_none() -> None:
    drawn = choropleth("GT", {"GT01": Shown(0, at_least=True)}, heading="Heading", language="en", k=5)
    assert "Guatemala: not told: fewer than 5, or a few others could be worked out" in titles(drawn)


def test_classes_differ_by_hatch_and_not_by_colour_alone() -> None:
    hatches = [hatch for kind, (_, _, hatch) in FILLS.items() if kind in ("hidden", "few", "some", "many")]
    assert all(hatches)
    assert len(set(hatches)) == len(hatches)
    values = {"GT01": Shown(5), "GT02": Shown(50), "GT03": Shown(500), "GT04": Shown(None)}
    drawn = choropleth("GT", values, heading="Heading", language="es", k=5)
    shades = [shade_of(drawn, name) for name in ("Guatemala", "El Progreso", "Sacatepéquez", "Chimaltenango")]
    assert len(set(shades)) == 4
    patterns = {f"url(#{p.get('id')})" for p in tree(drawn).iter("pattern")}
    assert set(shades) <= patterns


def test_the_bounds_of_the_classes_say_nothing_of_what_is_hidden() -> None:
    shown = {f"GT{n:02}": Shown(n * 10) for n in range(1, 12)}
    with_hidden = choropleth("GT", shown | {"GT20": Shown(None)}, heading="Heading", language="en", k=5)
    legend = [li.text or "" for li in tree(with_hidden).iter("dd")]
    bounds = re.findall(r"(\d+) to (\d+)", with_hidden)
    assert len(legend) == len([*tree(with_hidden).iter("dd")])
    assert bounds == re.findall(r"(\d+) to (\d+)", choropleth("GT", shown, heading="Heading", language="en", k=5))
    assert len(bounds) == 3


def test_every_number_has_a_class_whatever_the_numbers_are() -> None:
    for numbers in ([5], [5, 5, 5, 9], [5, 6, 7, 8], [7] * 10 + [8, 9, 100], list(range(5, 26))):
        values = {f"GT{n + 1:02}": Shown(number) for n, number in enumerate(numbers)}
        drawn = choropleth("GT", values, heading="Heading", language="es", k=5)
        assert len([t for t in titles(drawn) if t.endswith(": sin dato")]) == 22 - len(numbers)


@pytest.mark.parametrize(
    "drawn",
    [
        choropleth("GT", {"GT01": Shown(7)}, heading="<b>&", language="es", k=5),
        points("GT", [Mark(1, "<script>", XELA)], heading="<b>", language="es"),
    ],
)
def test_a_map_has_a_name_its_source_and_nothing_that_a_strict_browser_refuses(drawn: str) -> None:
    root = tree(drawn)
    svg = root.find("svg")
    assert svg is not None
    named = svg.get("aria-labelledby")
    assert "<b>" in next(str(t.text) for t in root.iter("title") if t.get("id") == named)
    assert "Hecho con Natural Earth" in drawn
    assert " style=" not in drawn
    assert "<script" not in drawn


# ---- marks


def view(*locations: Location, sealed: int = 0) -> ServiceView:
    return ServiceView(
        service=Service(
            id="s",
            organization_id="o",
            name="Service",
            status="active",
            service_types=("social.health",),
            locations=locations,
        ),
        organization=Organization(id="o", name="Organization"),
        stock=None,
        sop=None,
        sop_is_in_force=False,
        agreements=(),
        programs=(),
        areas=None,
        locations=locations,
        sealed=sealed,
        place_names={},
        suspensions=(),
    )


AREAS = {
    "GT0901": Area(
        code="GT0901",
        name="Quetzaltenango",
        level=2,
        parent="GT09",
        latitude=14.8456,
        longitude=-91.5197,
        point_from="seat",
    ),
    "SV0101": Area(
        code="SV0101",
        name="Ahuachapán Norte",
        level=2,
        parent="SV01",
        latitude=13.92,
        longitude=-89.84,
        point_from="parent",
    ),
}


def test_a_service_with_a_secret_place_is_never_drawn_nor_its_department() -> None:
    open_one = Location(id="l", latitude=14.8456, longitude=-91.5197, area="GT0901")
    secret = mark_of(2, "Casa", view(open_one, sealed=1), AREAS)
    assert secret.at is None
    drawn = points("GT", [Mark(1, "Clinic", GUATEMALA, is_exact=True), secret], heading="Heading", language="en")
    assert "Quetzaltenango" not in drawn
    assert len([*tree(drawn).iter("circle")]) == 1
    assert "kept secret: 2 Casa" in drawn
    with pytest.raises(ValueError, match="secret"):
        Mark(2, "Casa", XELA, is_secret=True)


def test_its_own_point_is_an_address_and_an_areas_point_is_a_ring_that_says_so() -> None:
    own = mark_of(1, "Own", view(Location(id="l", latitude=14.85, longitude=-91.52, area="GT0901")), AREAS)
    of_town = mark_of(2, "Town", view(Location(id="l", area="GT0901")), AREAS)
    derived = mark_of(3, "Derived", view(Location(id="l", area="SV0101")), AREAS)
    assert (own.is_exact, of_town.is_exact, derived.is_exact) == (True, False, False)
    drawn = points("GT", [own, of_town], heading="Heading", language="en")
    assert "1. Own: its address" in titles(drawn)
    assert "2. Town: in this municipality or department; the exact point is not known" in titles(drawn)
    dashed = [c.get("stroke-dasharray") for c in tree(drawn).iter("circle")]
    assert [bool(d) for d in dashed] == [False, True]
    assert "3. Derived: in this municipality or department" in points("SV", [derived], heading="Heading", language="en")


def test_a_service_without_a_place_and_one_far_away_are_named_beside_the_map() -> None:
    nowhere, virtual = (
        mark_of(1, "Nowhere", view(), AREAS),
        mark_of(
            2, "By telephone", view(Location(id="l", location_type="virtual", latitude=14.8, longitude=-91.5)), AREAS
        ),
    )
    drawn = points(
        "GT", [nowhere, virtual, Mark(3, "Wrong sign", (91.5, 14.8), is_exact=True)], heading="Heading", language="en"
    )
    assert not [*tree(drawn).iter("circle")]
    assert "has not said where it works: 1 Nowhere, 2 By telephone, 3 Wrong sign" in drawn


def test_marks_of_one_place_lie_beside_each_other_within_the_picture() -> None:
    drawn = points(
        "GT", [Mark(n, f"Service {n}", XELA, is_exact=True) for n in range(1, 11)], heading="Heading", language="en"
    )
    _, _, width, height = (float(n) for n in str(tree(drawn).find("svg").get("viewBox")).split())  # type: ignore[union-attr]
    spots = [(float(c.get("cx", 0)), float(c.get("cy", 0))) for c in tree(drawn).iter("circle")]
    assert len(spots) == 10
    assert all(11 <= x <= width - 11 and 11 <= y <= height - 11 for x, y in spots)
    for n, (x, y) in enumerate(spots):
        assert all(((x - ox) ** 2 + (y - oy) ** 2) ** 0.5 >= APART - 2 for ox, oy in spots[:n])


def test_a_point_lies_in_its_department_and_the_map_looks_at_what_is_asked() -> None:
    drawn = points("GT", [Mark(1, "One", XELA, is_exact=True)], heading="Heading", language="en", here="GT09")
    assert "Quetzaltenango: the person lives here" in titles(drawn)
    assert "Petén" not in drawn
    assert set(departments("GT")) >= {"GT09", "GT17"}
    assert len(drawn.encode()) < 12_000
