"""Settings over GraphQL: read, changed, refused, and kept version by version."""

import asyncio
from contextvars import Context
from datetime import datetime

from app.actions.accounts import apply_preset
from app.domain.presets import Preset
from app.domain.principal import SCOPES
from tests.graphql_schema.product import Product

ALL = """{ settings {
  version at actor unknownOpens unknownClicks refusedOpens refusedClicks permissionRequired keepIp anonymity
  minimumAudience lateRefusal withdrawal gpc wayOut askAgainAfterDays permissionLifetimeDays anonymousTotalsOnly
  channels { channel defaultOpens defaultClicks anonymousTracking permissionBased consentHeldIn }
  consequences { code message }
} }"""


async def test_a_new_account_is_strict(product: Product) -> None:
    settings = (await product.data(ALL))["settings"]

    at = settings.pop("at")
    assert datetime.fromisoformat(at) == product.world.now[0]
    assert settings == {
        "version": 1,
        "actor": "account:create",
        "unknownOpens": "OFF",
        "unknownClicks": "OFF",
        "refusedOpens": "OFF",
        "refusedClicks": "OFF",
        "permissionRequired": True,
        "keepIp": False,
        "anonymity": "SHARED",
        "minimumAudience": 10,
        "lateRefusal": "DROP",
        "withdrawal": "HIDE",
        "gpc": "CEILING",
        "wayOut": "FOOTER",
        "askAgainAfterDays": 182,
        "permissionLifetimeDays": None,
        "anonymousTotalsOnly": False,
        "channels": [
            _channel("CAMPAIGN", "PERSONAL", based=True),
            _channel("TRANSACTIONAL", "PERSONAL", based=True),
            _channel("ONE_TO_ONE", "PERSONAL", based=True),
            _channel("RELAY", "OFF", based=False),
        ],
        "consequences": [],
    }


def _channel(name: str, mode: str, *, based: bool) -> dict[str, object]:
    return {
        "channel": name,
        "defaultOpens": mode,
        "defaultClicks": mode,
        "anonymousTracking": False,
        "permissionBased": based,
        "consentHeldIn": None,
    }


async def test_only_what_is_named_changes(product: Product) -> None:
    change = {
        "unknownOpens": "ANONYMOUS",
        "askAgainAfterDays": None,
        "minimumAudience": 4,
        "channels": [{"channel": "RELAY", "defaultOpens": "PERSONAL", "consentHeldIn": "our CRM"}],
    }
    below = """settings { version unknownOpens unknownClicks askAgainAfterDays minimumAudience
      channels { channel defaultOpens defaultClicks consentHeldIn } } warnings { code message }"""

    payload = await product.done("updateSettings", change, below)

    settings = payload["settings"]
    relay = settings.pop("channels")[3]
    assert settings == {
        "version": 2,
        "unknownOpens": "ANONYMOUS",
        "unknownClicks": "OFF",
        "askAgainAfterDays": None,
        "minimumAudience": 4,
    }
    assert relay == {
        "channel": "RELAY",
        "defaultOpens": "PERSONAL",
        "defaultClicks": "OFF",
        "consentHeldIn": "our CRM",
    }
    assert [each["code"] for each in payload["warnings"]] == ["TRACKS_UNANSWERED", "SMALL_AUDIENCE"]


async def test_null_is_refused_where_it_means_nothing(product: Product) -> None:
    for change, path in (
        ({"unknownOpens": None}, ["unknownOpens"]),
        ({"permissionRequired": None}, ["permissionRequired"]),
        ({"channels": None}, ["channels"]),
        ({"mailings": None}, ["mailings"]),
        ({"channels": [{"channel": "RELAY", "defaultOpens": None}]}, ["channels", "0", "defaultOpens"]),
    ):
        assert await product.refused("updateSettings", change) == [("NULL_NOT_ALLOWED", path)]

    assert (await product.data("{ settings { version } }"))["settings"] == {"version": 1}


async def test_settings_that_contradict_themselves_change_nothing(product: Product) -> None:
    relay = {"channel": "RELAY", "permissionBased": True}
    refused = await product.refused(
        "updateSettings",
        {"refusedOpens": "ANONYMOUS", "anonymity": "UNLINKED", "minimumAudience": 0, "channels": [relay]},
    )

    assert refused == [
        ("INVALID_SETTING", ["refusedOpens"]),
        ("INVALID_SETTING", ["minimumAudience"]),
        ("INVALID_SETTING", ["anonymity"]),
        ("RELAY_NOT_PERMISSION_BASED", ["channels", "0", "permissionBased"]),
    ]
    assert (await product.data("{ settings { version } }"))["settings"] == {"version": 1}


async def test_a_channel_stands_once(product: Product) -> None:
    twice = [{"channel": "RELAY", "defaultOpens": "ANONYMOUS"}, {"channel": "RELAY", "defaultOpens": "OFF"}]

    assert await product.refused("updateSettings", {"channels": twice}) == [
        ("INVALID_VALUE", ["channels", "1", "channel"])
    ]


async def test_mailings_state_for_themselves_whether_permission_decides(product: Product) -> None:
    await product.done("applyPreset", {"preset": "INXMAIL"})
    mailing = await product.mailing()
    query = "query ($id: ID!) { mailing(id: $id) { tracking { opens clicks permissionBased } } }"

    await product.done("updateSettings", {"mailings": [{"id": mailing, "permissionBased": True}]})
    stated = await product.data(query, {"id": mailing})
    await product.done("updateSettings", {"mailings": [{"id": mailing}]})
    untouched = await product.data(query, {"id": mailing})
    await product.done("updateSettings", {"mailings": [{"id": mailing, "permissionBased": None}]})
    inherited = await product.data(query, {"id": mailing})

    assert stated["mailing"]["tracking"] == {"opens": None, "clicks": None, "permissionBased": True}
    assert untouched == stated
    assert inherited["mailing"]["tracking"] == {"opens": None, "clicks": None, "permissionBased": None}


async def test_a_mailing_that_was_sent_is_protected(product: Product) -> None:
    mailing = await product.mailing()
    await product.prepared(mailing, "ada@example.org")

    refused = await product.refused(
        "updateSettings", {"mailings": [{"id": mailing, "permissionBased": True}]}
    )
    unknown = await product.refused(
        "updateSettings", {"mailings": [{"id": "TWFpbGluZzo3", "permissionBased": True}]}
    )

    assert refused == [("MAILING_PROTECTED", ["mailings", "0"])]
    assert unknown == [("NOT_FOUND", ["mailings", "0", "id"])]


async def test_a_preset_sets_everything_and_says_what_it_means(product: Product) -> None:
    below = "settings { version anonymity withdrawal unknownOpens refusedOpens } warnings { code message }"

    payload = await product.done("applyPreset", {"preset": "BREVO"}, below)

    assert payload["settings"] == {
        "version": 2,
        "anonymity": "UNLINKED",
        "withdrawal": "KEEP",
        "unknownOpens": "PERSONAL",
        "refusedOpens": "ANONYMOUS",
    }
    assert payload["warnings"][0] == {
        "code": "TRACKS_UNANSWERED",
        "message": "Opens of people who never answered are tracked personally in CAMPAIGN, TRANSACTIONAL. "
        "Make sure that you may do so without their consent.",
    }


async def test_history_keeps_every_version(product: Product) -> None:
    for days in (30, 60, 90):
        await product.done("updateSettings", {"askAgainAfterDays": days})
    query = """query ($after: String) { settings { version history(first: 2, after: $after) {
      edges { node { version actor askAgainAfterDays } } pageInfo { hasNextPage endCursor } totalCount } } }"""

    first = (await product.data(query))["settings"]
    actor = first["history"]["edges"][0]["node"]["actor"]
    rest = (await product.data(query, {"after": first["history"]["pageInfo"]["endCursor"]}))["settings"]

    assert first["version"] == 4
    assert actor.startswith("token:")
    assert [edge["node"]["askAgainAfterDays"] for edge in first["history"]["edges"]] == [90, 60]
    assert first["history"]["pageInfo"]["hasNextPage"]
    assert first["history"]["totalCount"] == 4
    assert [edge["node"] for edge in rest["history"]["edges"]] == [
        {"version": 2, "actor": actor, "askAgainAfterDays": 30},
        {"version": 1, "actor": "account:create", "askAgainAfterDays": 182},
    ]
    assert not rest["history"]["pageInfo"]["hasNextPage"]


async def test_who_may_write_and_not_read_is_not_shown_the_settings(product: Product) -> None:
    query = "mutation { applyPreset(input: { preset: ITALY }) { settings { version } errors { code } } }"

    answer = await product.ask(query, scopes=SCOPES - {"settings:read"})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await product.data("{ settings { version } }"))["settings"] == {"version": 1}


async def test_who_comes_second_is_told_to_read_again(product: Product) -> None:
    """A version is being written while another caller writes the same number."""
    async with product.world.unit() as work:
        await apply_preset(work, Preset.ITALY)
        # In a context of its own, as a request has; this one's holds our transaction.
        other = product.refused("updateSettings", {"minimumAudience": 20})
        waiting = asyncio.create_task(other, context=Context())
        await product.world.somebody_waits()

    assert await waiting == [("CONFLICT", None)]
    settings = (await product.data("{ settings { version minimumAudience unknownOpens } }"))["settings"]
    assert settings == {"version": 2, "minimumAudience": 10, "unknownOpens": "ANONYMOUS"}


async def test_an_error_about_a_channel_names_its_place_in_the_call(product: Product) -> None:
    """Where the channel is not in the call, the error names it in words."""
    await product.done("applyPreset", {"preset": "INXMAIL"})
    named = [
        {"channel": "CAMPAIGN", "permissionBased": True},
        {"channel": "RELAY", "permissionBased": True},
    ]

    of_named = await product.refused("updateSettings", {"channels": named})
    of_others = (await product.change("updateSettings", {"permissionRequired": True}))["errors"]

    assert of_named == [("RELAY_NOT_PERMISSION_BASED", ["channels", "1", "permissionBased"])]
    assert of_others[0] == {
        "code": "INVALID_SETTING",
        "message": "permissionRequired makes every channel permission-based; leave permissionBased of CAMPAIGN true.",
        "path": ["channels"],
    }
