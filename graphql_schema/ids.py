"""Global ids as the schema speaks them; other doors speak the same, so the rule stands in `app.domain.global_ids`."""

from app.domain.global_ids import GlobalId, encode_id, encode_ids, key_of, number_of, parse_id

__all__ = ["GlobalId", "encode_id", "encode_ids", "key_of", "number_of", "parse_id"]
