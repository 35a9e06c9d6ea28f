"""Each preset is one step, sets exactly what its row says, and leaves what mailings state themselves (X12)."""

import pytest

from tests.presets.sender import Sender

NAMES = (
    *("based", "required", "unknown_opens", "unknown_clicks", "refused_opens", "refused_clicks"),
    *("anonymity", "withdrawal", "late"),
)
ROWS = {
    "STRICT": ("PERSONAL", "PERSONAL", True, True, "OFF", "OFF", "OFF", "OFF", "SHARED", "HIDE", "DROP"),
    "ITALY": (
        "PERSONAL",
        "PERSONAL",
        True,
        True,
        "ANONYMOUS",
        "OFF",
        "ANONYMOUS",
        "OFF",
        "SHARED",
        "HIDE",
        "DROP",
    ),
    "BREVO": (
        *("PERSONAL", "OFF", False, False, "PERSONAL", "PERSONAL", "ANONYMOUS", "ANONYMOUS"),
        *("UNLINKED", "KEEP", "DROP"),
    ),
    "MAPP": (
        *("PERSONAL", "OFF", True, False, "PERSONAL", "PERSONAL", "ANONYMOUS", "ANONYMOUS"),
        *("SHARED", "KEEP", "COUNT"),
    ),
    "CAMPAIGN_MONITOR": (
        *("PERSONAL", "OFF", True, False, "PERSONAL", "PERSONAL", "OFF", "OFF"),
        *("SHARED", "KEEP", "DROP"),
    ),
    "INXMAIL": (
        *("ANONYMOUS", "OFF", False, False, "ANONYMOUS", "ANONYMOUS", "ANONYMOUS", "ANONYMOUS"),
        *("SHARED", "KEEP", "DROP"),
    ),
    "PIPEDRIVE": (
        *("OFF", "PERSONAL", False, False, "PERSONAL", "PERSONAL", "OFF", "OFF"),
        *("SHARED", "KEEP", "DROP"),
    ),
}
"""Default mode, that of one-to-one mail, and then as `NAMES` says."""
QUERY = """{ settings { version unknownOpens unknownClicks refusedOpens refusedClicks permissionRequired anonymity
  withdrawal lateRefusal minimumAudience
  channels { channel defaultOpens defaultClicks anonymousTracking permissionBased } } }"""


@pytest.mark.parametrize("name", ROWS)
async def test_x12_a_preset_is_one_step_to_its_whole_row(sender: Sender, name: str) -> None:
    """Whatever was chosen before."""
    await sender.preset("MAPP" if name != "MAPP" else "ITALY")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    await sender.channel("RELAY", defaultOpens="ANONYMOUS")
    default, one_to_one, *row = ROWS[name]
    chosen = dict(zip(NAMES, row, strict=True))

    await sender.preset(name)

    settings = (await sender.product.data(QUERY))["settings"]
    channels = settings.pop("channels")
    assert settings == {
        "version": 5,
        "unknownOpens": chosen["unknown_opens"],
        "unknownClicks": chosen["unknown_clicks"],
        "refusedOpens": chosen["refused_opens"],
        "refusedClicks": chosen["refused_clicks"],
        "permissionRequired": chosen["required"],
        "anonymity": chosen["anonymity"],
        "withdrawal": chosen["withdrawal"],
        "lateRefusal": chosen["late"],
        "minimumAudience": 10,
    }
    modes = {"CAMPAIGN": default, "TRANSACTIONAL": default, "ONE_TO_ONE": one_to_one, "RELAY": "OFF"}
    assert channels == [
        {
            "channel": channel,
            "defaultOpens": mode,
            "defaultClicks": mode,
            "anonymousTracking": False,
            "permissionBased": chosen["based"] and channel != "RELAY",
        }
        for channel, mode in modes.items()
    ]


async def test_x12_what_a_mailing_states_itself_survives_a_preset(sender: Sender) -> None:
    await sender.preset("BREVO")
    mailing = await sender.mailing(opens="OFF", permissionBased=False)

    await sender.preset("CAMPAIGN_MONITOR")
    (mail,) = await sender.send(mailing, "ada@example.org")

    assert mail.modes == ("OFF", "PERSONAL")


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("STRICT", 0),
        ("ITALY", 1),
        ("BREVO", 2),
        ("MAPP", 2),
        ("CAMPAIGN_MONITOR", 2),
        ("INXMAIL", 2),
        ("PIPEDRIVE", 2),
    ],
)
async def test_x12_a_preset_that_tracks_people_who_never_answered_says_so(
    sender: Sender, name: str, warned: int
) -> None:
    """One warning for each axis on which it does."""
    await sender.preset("STRICT")

    assert await sender.preset(name) == ["TRACKS_UNANSWERED"] * warned


async def test_settings_are_kept_with_who_made_them_and_when(sender: Sender) -> None:
    """A user and then the account's own integration."""
    grace = sender.speaking(await sender.new_user("Grace"))
    await grace.preset("ITALY")
    sender.world.later(days=1)
    await sender.preset("STRICT")
    query = "{ settings { history(first: 2) { edges { node { version actor at } } } } }"

    edges = (await sender.product.data(query))["settings"]["history"]["edges"]

    assert [edge["node"]["version"] for edge in edges] == [3, 2]
    assert edges[0]["node"]["actor"].startswith("token:")
    assert edges[1]["node"]["actor"] == f"user:{grace.user}"
    assert edges[0]["node"]["at"] > edges[1]["node"]["at"]
