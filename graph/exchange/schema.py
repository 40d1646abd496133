"""The profile as a JSON Schema, made from the models, so that the two cannot part: `python -m graph.exchange.schema`.

It says what Enlace adds to HSDS 3.1 and needs of it; HSDS's own schemas say the rest.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from graph.exchange import profile
from graph.model.base import Model
from graph.model.directory import Agreement, Mechanism, Program, Service, ServiceCapacity, Suspension
from graph.model.job import Opening
from graph.model.sop import Sop

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
ID: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 120}
CODES: Final[Schema] = {"type": "array", "items": {"$ref": "#/$defs/Code"}}


def profile_schema() -> Schema:
    """The whole schema."""
    definitions: Schema = {
        "Code": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 120},
        "Translations": {
            "type": "object",
            "propertyNames": {"enum": ["es", "en"]},
            "additionalProperties": {"type": "object", "additionalProperties": TEXT},
        },
    }
    sop = _model(Sop, definitions, optional={"id", "service_id"}, open_=True)
    sop["properties"]["coverage_stated"] = {
        "type": "boolean",
        "description": "whether service_areas state the coverage; must agree with them",
    }
    definitions["Sop"] = sop
    capacity = _model(ServiceCapacity, definitions, optional={"service_id", "state", "updated_by"}, open_=True)
    capacity["properties"]["unit"] = {"type": ["object", "string"], "description": "HSDS unit: id, name"}
    definitions["Capacity"] = capacity
    definitions["Opening"] = _model(Opening, definitions)
    definitions["Program"] = _model(Program, definitions, open_=True)
    definitions["Agreement"] = _model(Agreement, definitions, optional={"parties"})
    definitions["Suspension"] = _model(Suspension, definitions)
    definitions["NestedSuspension"] = _model(Suspension, definitions, optional={"subject", "subject_id"})
    definitions["Mechanism"] = _model(Mechanism, definitions)
    definitions["Location"] = {
        "type": "object",
        "required": ["id", "location_type"],
        "properties": {
            "id": ID,
            "sealed": {"type": "boolean", "description": "a shelter: where it is never leaves (R-26)"},
            "external_identifier": {**TEXT, "description": "an area code, if external_identifier_type is area-code"},
        },
    }
    definitions["Service"] = _service(definitions)
    definitions["Organization"] = _organization()
    definitions["Row"] = {"anyOf": [{"$ref": "#/$defs/Service"}, {"$ref": "#/$defs/Organization"}]}
    definitions["Page"] = {
        "type": "object",
        "properties": {
            "contents": {"type": "array", "items": {"$ref": "#/$defs/Row"}},
            "organizations": {"type": "array", "items": {"$ref": "#/$defs/Organization"}},
            "mechanisms": {"type": "array", "items": {"$ref": "#/$defs/Mechanism"}},
            "suspensions": {"type": "array", "items": {"$ref": "#/$defs/Suspension"}},
            "areas": {"type": "array", "items": {"type": "object"}},
            "area_adjacency": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["contents"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": profile.NAME,
        "title": "Enlace profile of HSDS 3.1",
        "anyOf": [
            {"type": "array", "items": {"$ref": "#/$defs/Row"}},
            {"$ref": "#/$defs/Page"},
            {"$ref": "#/$defs/Row"},
        ],
        "$defs": dict(sorted(definitions.items())),
    }


def _service(definitions: Schema) -> Schema:
    own = Service.model_json_schema(ref_template="#/$defs/{model}")
    definitions["SupportLevel"] = own["$defs"]["SupportLevel"]
    service_type = {
        "type": "object",
        "properties": {"link_type": {"const": profile.SERVICE_TYPE}, "value": {"$ref": "#/$defs/Code"}},
        "required": ["link_type", "value"],
    }
    return {
        "type": "object",
        "required": ["id", "name", "status", "attributes"],
        "properties": {
            "id": ID,
            "name": own["properties"]["name"],
            "status": own["properties"]["status"],
            "organization": {"$ref": "#/$defs/Organization"},
            "attributes": {"type": "array", "contains": service_type, "items": {"type": "object"}},
            "service_areas": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "extent": {"$ref": "#/$defs/Code"},
                        "extent_type": {"const": profile.AREA_CODE},
                    },
                    "required": ["extent", "extent_type"],
                },
            },
            "service_at_locations": {
                "type": "array",
                "items": {"type": "object", "properties": {"location": {"$ref": "#/$defs/Location"}}},
            },
            "languages": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string", "pattern": "^[a-z]{3}$"}},
                },
            },
            "program": {"$ref": "#/$defs/Program"},
            "programs": {"type": "array", "items": {"$ref": "#/$defs/Program"}},
            "capacities": {"type": "array", "items": {"$ref": "#/$defs/Capacity"}},
            "capacity_statements": {"type": "array", "items": {"$ref": "#/$defs/Capacity"}},
            "level": {"$ref": "#/$defs/SupportLevel"},
            "also_serves": CODES,
            "requires": CODES,
            "teaches": CODES,
            "opening": {"$ref": "#/$defs/Opening"},
            "sop": {"$ref": "#/$defs/Sop"},
            "sop_versions": {"type": "array", "items": {"$ref": "#/$defs/Sop"}},
            "suspensions": {"type": "array", "items": {"$ref": "#/$defs/NestedSuspension"}},
            "translations": {"$ref": "#/$defs/Translations"},
        },
    }


def _organization() -> Schema:
    return {
        "type": "object",
        "required": ["id"],
        "not": {"required": ["status"]},
        "properties": {
            "id": ID,
            "name": {"type": "string", "minLength": 1, "maxLength": 300},
            "actor_category": {"type": "string"},
            "influence": {"enum": ["low", "medium", "high"], "description": "read at import, never exported (R-33)"},
            "interest": {"enum": ["low", "medium", "high"], "description": "read at import, never exported (R-33)"},
            "services": {"type": "array", "items": {"$ref": "#/$defs/Service"}},
            "programs": {"type": "array", "items": {"$ref": "#/$defs/Program"}},
            "agreements": {"type": "array", "items": {"$ref": "#/$defs/Agreement"}},
            "memberships": {"type": "array", "items": ID, "description": "ids of mechanisms"},
            "suspensions": {"type": "array", "items": {"$ref": "#/$defs/NestedSuspension"}},
            "translations": {"$ref": "#/$defs/Translations"},
        },
    }


def _model(
    cls: type[Model], definitions: Schema, *, optional: set[str] | frozenset[str] = frozenset(), open_: bool = False
) -> Schema:
    """The schema of a model as a document states it. Open: what is not named is carried."""
    found: Schema = cls.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions.update({name: schema for name, schema in found.pop("$defs", {}).items() if name not in definitions})
    found["properties"].pop("carried", None)
    found["required"] = sorted(set(found.get("required", ())) - optional)
    if not found["required"]:
        del found["required"]
    found["additionalProperties"] = open_
    if not open_:
        found["properties"]["quarantine"] = {"description": "reasons of an earlier import; passed over"}
    return found


def text() -> str:
    """The schema as the file in docs/ holds it."""
    return json.dumps(profile_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
