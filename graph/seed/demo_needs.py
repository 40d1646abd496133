"""Needs that fictional people bring to the demo network, read from `demo_needs.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import yaml

from graph.model.need import Need


def needs(on: date) -> Iterator[tuple[Need, int]]:
    """Each need as asked on a day, and how many people ask it."""
    for row in yaml.safe_load(files("graph.seed").joinpath("demo_needs.yaml").read_text(encoding="utf-8")):
        times = row.pop("times")
        yield Need(on=on, **row), times
