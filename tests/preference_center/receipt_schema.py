"""The JSON Schema of a receipt: the parts of a consent record of ISO/IEC TS 27560:2023, and nothing beside them."""

TIME = {"type": "string", "format": "date-time"}
MAYBE_TIME = {"anyOf": [TIME, {"type": "null"}]}
SEAL = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
AXIS = {"enum": ["opens", "clicks"]}
STATE = {"enum": ["YES", "NO", "UNKNOWN"]}
PURPOSE = {"enum": ["MEASURE", "SEGMENT", "NOTIFY"]}


def thing(**properties: object) -> dict[str, object]:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def many(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


TEXT = {"type": "string", "minLength": 1}
MAYBE_TEXT = {"type": ["string", "null"]}
STANDING = thing(state=STATE, reason=MAYBE_TEXT, since=MAYBE_TIME)

RECEIPT = thing(
    record_metadata=thing(
        schema_version={"const": "ISO/IEC TS 27560:2023"},
        record_id=TEXT,
        pii_principal_id=TEXT,
        issued_at=TIME,
    ),
    party_identification=many(thing(party_id=TEXT, party_name=TEXT, party_role={"const": "PII controller"})),
    pii_processing=thing(
        privacy_notices=many(
            thing(notice_id=TEXT, language=TEXT, text=TEXT, hash=SEAL, purposes=many(PURPOSE))
        ),
        purposes=many(
            thing(
                purpose=PURPOSE,
                purpose_description=TEXT,
                lawful_basis={"const": "consent"},
                pii_information=many(thing(pii_type=AXIS, description=TEXT)),
                withdrawal_method={"type": "string", "format": "uri"},
            )
        ),
    ),
    events=many(
        thing(
            event_id={"type": "integer", "minimum": 1},
            event_type={"enum": ["consent given", "consent refused", "consent withdrawn", "consent lapsed"]},
            event_state=STATE,
            previous_state=STATE,
            axis=AXIS,
            event_time=MAYBE_TIME,
            recorded_at=TIME,
            source=TEXT,
            notice_id=MAYBE_TEXT,
            hash=SEAL,
            previous_hash={"anyOf": [SEAL, {"type": "null"}]},
        )
    ),
    standing=thing(opens=STANDING, clicks=STANDING),
)
