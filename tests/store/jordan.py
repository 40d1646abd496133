"""The Jordan mapping read without any of our code: the raw documents, judged by the rules its README states."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "jordan"


@dataclass
class Mapping:
    """What is in the folder."""

    folder: Path

    @cached_property
    def services(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.folder / "services.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def parents(self) -> dict[str, str]:
        with (self.folder / "areas.csv").open(encoding="utf-8", newline="") as file:
            return {row["code"]: row["parent"] for row in csv.DictReader(file)}

    @cached_property
    def types(self) -> dict[str, str]:
        """Service type -> the one above it, as the taxonomy beside the mapping has it."""
        path = self.folder.parent / "taxonomy" / "service-types.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return {row["code"]: row["parent"] for row in csv.DictReader(file)}

    def suggested(self, query: dict[str, Any]) -> set[str]:
        """Ids of the services of which no rule is unmet."""
        return {s["id"] for s in self.services if self._fits(s, query)}

    def _fits(self, service: dict[str, Any], query: dict[str, Any]) -> bool:
        sop, rule = service["sop"], service["sop"]["eligibility"]
        types = [a["value"] for a in service["attributes"] if a["link_type"] == "service-type"]
        if not any(query["service_type"] in line(t, self.types) for t in types):
            return False
        extents = {a["extent"] for a in service["service_areas"]}
        if sop["coverage_stated"] and extents.isdisjoint(line(query["area"], self.parents)):
            return False
        if not any(s["valid_from"] <= query["on"] <= s["valid_to"] for s in service["schedules"]):
            return False
        return bool(sop["accepts_referrals"]) and not _barred(rule, query)


def _barred(rule: dict[str, Any], query: dict[str, Any]) -> bool:
    country, papers, factors = query.get("nationality"), query.get("documents"), query.get("factors")
    if rule["nationality"] and country is not None:
        if country not in rule["nationality"].get("in", [country]):
            return True
        if country in rule["nationality"].get("not_in", []):
            return True
    if rule["documents_any_of"] and papers is not None and not set(papers) & set(rule["documents_any_of"]):
        return True
    if rule["open_to_all"] or rule["scored"]:
        return False
    if factors is None:
        return not rule["any_factor"]
    return not set(factors) & set(rule["any_factor"])


def line(code: str, parents: dict[str, str]) -> list[str]:
    """The code and all above it."""
    found = []
    while code:
        found.append(code)
        code = parents[code]
    return found
