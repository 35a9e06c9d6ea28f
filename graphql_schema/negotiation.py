"""Which form an answer takes, from the request's `Accept` (RFC 9110 §12.5.1, GraphQL over HTTP §6).

application/graphql-response+json   preferred where it is named with at least the weight of the other
application/json                    also for an absent Accept, */* and application/*
text/event-stream                   a stream, where it is named ahead of both (urql names it behind, on every query)
multipart/mixed;subscriptionSpec    a stream, as Apollo Client asks for subscriptions
text/html                           GraphiQL, for a browser's GET that names neither JSON
"""

from functools import lru_cache

from strawberry.http.streaming import HTTPStreamTransport, MultipartSubscriptionTransport, SSETransport

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"


class EventStream(SSETransport):
    """Server-sent events as `graphql-sse` frames them; lines end in LF, since urql splits events at two LFs."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event with its data on one line."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """A comment keeps the connection alive."""
        return f": {comment}\n\n"


# Clients say the same few things in every request, and no transport keeps anything of a stream.
@lru_cache(maxsize=64)
def json_form(accept: str) -> str | None:
    """The JSON media type to answer with; None if the client accepts neither."""
    if not accept.strip():
        return JSON
    weights = _weights(accept)
    graphql = weights.get(GRAPHQL_RESPONSE, 0.0)
    plain = weights.get(JSON, max(weights.get("*/*", 0.0), weights.get("application/*", 0.0)))
    if graphql > 0 and graphql >= plain:
        return GRAPHQL_RESPONSE
    return JSON if plain > 0 else None


@lru_cache(maxsize=64)
def stream_form(accept: str) -> HTTPStreamTransport | None:
    """The transport of a stream, if the client asks for one rather than for a single answer."""
    order = list(_weights(accept))
    if EVENT_STREAM in order:
        ahead = order[: order.index(EVENT_STREAM)]
        return None if GRAPHQL_RESPONSE in ahead or JSON in ahead else EventStream()
    multipart = MultipartSubscriptionTransport()
    return multipart if multipart.accepts(accept) else None


def wants_page(accept: str) -> bool:
    """Whether a browser asks for a page to look at; scripts that accept anything get JSON."""
    named = _weights(accept)
    return "text/html" in named and GRAPHQL_RESPONSE not in named and JSON not in named


def is_json(content_type: str) -> bool:
    """Whether a body is declared as JSON in UTF-8, exactly: `application/jsonp` is something else."""
    media, _, parameters = content_type.partition(";")
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    return media.strip().lower() == JSON and charset in {"", "utf-8", "utf8"}


def _weights(accept: str) -> dict[str, float]:
    """Media types in the order named, each with its highest weight; a weight that is no number counts as 0."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = part.split(";")
        name = media.strip().lower()
        weights[name] = max(_weight(parameters), weights.get(name, 0.0))
    return weights


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
