"""The preset `pipedrive`: each user switches tracking of the own mail, and each mail has toggles (P1, P2, P7)."""

import pytest

from graphql_schema.ids import encode_id
from tests.presets.sender import NOT_MEASURED, Sender, exact

MINE = "viewer { user { name tracking { opens clicks notifications nextOpens nextClicks } } }"
BOTH = {"trackOpens": True, "trackClicks": True}


async def _user(sender: Sender, preset: str = "PIPEDRIVE", name: str = "Grace") -> Sender:
    await sender.preset(preset)
    return sender.speaking(await sender.new_user(name))


async def test_p1_every_switch_is_off_at_first_and_each_is_turned_alone(sender: Sender) -> None:
    grace = await _user(sender)

    before = await sender.product.data(f"{{ {MINE} }}", user_id=grace.user)
    await grace.done("updateMyTracking", {"opens": True})
    await grace.done("updateMyTracking", {"notifications": True})
    after = await sender.product.data(f"{{ {MINE} }}", user_id=grace.user)

    off = dict.fromkeys(("opens", "clicks", "notifications", "nextOpens", "nextClicks"), False)
    assert before["viewer"]["user"] == {"name": "Grace", "tracking": off}
    assert after["viewer"]["user"]["tracking"] == {**off, "opens": True, "notifications": True}


@pytest.mark.parametrize("preset", ["STRICT", "ITALY", "PIPEDRIVE"])
async def test_p1_a_toggle_against_a_switch_that_is_off_is_an_error(sender: Sender, preset: str) -> None:
    grace = await _user(sender, preset)
    mailing = await grace.mailing("ONE_TO_ONE")
    await grace.done("updateMyTracking", {"opens": True})
    recipients = [{"to": [{"email": "ada@example.org"}], **BOTH}]
    given = {"mailingId": mailing, "html": "<p>Hello</p>", "recipients": recipients}

    assert await grace.refused("prepareMessages", given) == [
        ("SWITCH_OFF", ["recipients", "0", "trackClicks"])
    ]
    assert (await sender.product.data("{ subscribers { totalCount } }"))["subscribers"]["totalCount"] == 0


@pytest.mark.parametrize("preset", ["BREVO", "MAPP", "CAMPAIGN_MONITOR", "INXMAIL"])
async def test_p1_elsewhere_one_to_one_mail_is_not_tracked(sender: Sender, preset: str) -> None:
    grace = await _user(sender, preset)
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})

    (mail,) = await grace.send(await grace.mailing("ONE_TO_ONE"), "ada@example.org", **BOTH)

    assert mail.modes == ("OFF", "OFF")


@pytest.mark.parametrize(("preset", "modes"), [("STRICT", ("OFF", "OFF")), ("ITALY", ("ANONYMOUS", "OFF"))])
async def test_p1_where_permission_is_required_the_toggle_asks_for_it_too(
    sender: Sender, preset: str, modes: tuple[str, str]
) -> None:
    grace = await _user(sender, preset)
    await sender.says("yes@example.org", "YES")
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})

    yes, unknown = await grace.send(
        await grace.mailing("ONE_TO_ONE"), "yes@example.org", "unknown@example.org", **BOTH
    )

    assert (yes.modes, unknown.modes) == (("PERSONAL", "PERSONAL"), modes)


async def test_p2_the_first_mail_starts_off_and_later_ones_with_the_last_choice(sender: Sender) -> None:
    grace = await _user(sender)
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await grace.mailing("ONE_TO_ONE")

    (first,) = await grace.send(mailing, "ada@example.org")
    (chosen,) = await grace.send(mailing, "ada@example.org", trackOpens=True)
    (remembered,) = await grace.send(await grace.mailing("ONE_TO_ONE"), "bob@example.org")
    mine = await sender.product.data(f"{{ {MINE} }}", user_id=grace.user)

    assert first.modes == ("OFF", "OFF")
    assert first.decision["opens"]["boundBy"] == "TOGGLE"
    assert chosen.modes == ("PERSONAL", "OFF")
    assert remembered.modes == ("PERSONAL", "OFF")
    assert mine["viewer"]["user"]["tracking"]["nextOpens"] is True
    assert mine["viewer"]["user"]["tracking"]["nextClicks"] is False


async def test_p2_a_switch_turned_off_wins_over_the_last_choice_and_does_not_forget_it(
    sender: Sender,
) -> None:
    grace = await _user(sender)
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    await grace.send(mailing, "ada@example.org", **BOTH)

    await grace.done("updateMyTracking", {"opens": False})
    (without,) = await grace.send(mailing, "ada@example.org")
    await grace.done("updateMyTracking", {"opens": True})
    (again,) = await grace.send(mailing, "ada@example.org")

    assert (without.modes, again.modes) == (("OFF", "PERSONAL"), ("PERSONAL", "PERSONAL"))


async def test_p2_the_choice_is_each_users_own(sender: Sender) -> None:
    grace = await _user(sender)
    alan = sender.speaking(await sender.new_user("Alan"))
    for each in (grace, alan):
        await each.done("updateMyTracking", {"opens": True, "clicks": True})

    await grace.send(await grace.mailing("ONE_TO_ONE"), "ada@example.org", **BOTH)
    (other,) = await alan.send(await alan.mailing("ONE_TO_ONE"), "ada@example.org")

    assert other.modes == ("OFF", "OFF")


async def test_p2_a_call_that_is_repeated_chooses_nothing_anew(sender: Sender) -> None:
    """Its key was used before, so nothing is sent, and the later choice stays the last one."""
    grace = await _user(sender)
    await grace.done("updateMyTracking", {"opens": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    recipients = [{"to": [{"email": "ada@example.org"}], "trackOpens": True}]
    call = {"mailingId": mailing, "html": "<p>Hello</p>", "recipients": recipients, "idempotencyKey": "one"}

    await grace.done("prepareMessages", call)
    await grace.send(mailing, "bob@example.org", trackOpens=False)
    await grace.done("prepareMessages", call)
    (mail,) = await grace.send(mailing, "bob@example.org")

    assert mail.modes == ("OFF", "OFF")


async def test_what_would_be_decided_starts_with_the_toggles_of_the_next_mail(sender: Sender) -> None:
    grace = await _user(sender)
    await grace.done("updateMyTracking", {"opens": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    query = "query ($input: TrackingDecisionInput!) { trackingDecision(input: $input) { opens { mode boundBy } } }"
    asked = {"input": {"mailingId": mailing, "emails": ["ada@example.org"]}}

    before = await sender.product.data(query, asked, user_id=grace.user)
    await grace.send(mailing, "bob@example.org", trackOpens=True)
    after = await sender.product.data(query, asked, user_id=grace.user)

    assert before["trackingDecision"]["opens"] == {"mode": "OFF", "boundBy": "TOGGLE"}
    assert after["trackingDecision"]["opens"] == {"mode": "PERSONAL", "boundBy": "MODE_SETTING"}


async def test_p7_what_came_of_a_mail_is_its_users_alone(sender: Sender) -> None:
    """A colleague and the account's own integration see that it was sent, and nothing of opens and clicks."""
    grace = await _user(sender)
    alan = sender.speaking(await sender.new_user("Alan"))
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    (mail,) = await grace.send(mailing, "ada@example.org", **BOTH)
    await grace.open(mail)
    await grace.click(mail)

    own = await grace.delivery(mail)

    assert (own["opens"], own["clicks"]) == (exact(1), exact(1))
    for other in (alan, sender):
        seen, report = await other.delivery(mail), await other.report(mailing)
        assert (seen["opens"], seen["clicks"]) == (NOT_MEASURED, NOT_MEASURED)
        assert (seen["firstOpenedAt"], seen["clickedLinks"]) == (None, [])
        assert report["opens"] == {"value": None, "shown": "NOT_MEASURED"}
        assert report["uniqueClicks"] == {"value": None, "shown": "NOT_MEASURED"}
        assert report["measured"] == {"opens": 0, "clicks": 0}


async def test_p7_a_mailing_is_changed_and_sent_by_its_user_alone(sender: Sender) -> None:
    grace = await _user(sender)
    mailing = await grace.mailing("ONE_TO_ONE")

    assert await sender.refused("updateMailing", {"id": mailing, "opens": "OFF"}) == [("NOT_FOUND", ["id"])]
    assert await sender.refused("liftProtection", {"id": mailing}) == [("NOT_FOUND", ["id"])]
    await grace.done("updateMailing", {"id": mailing, "opens": "OFF"})


async def test_p7_the_switches_of_a_colleague_are_not_shown(sender: Sender) -> None:
    grace = await _user(sender)
    query = "query ($id: ID!) { node(id: $id) { ... on User { name tracking { opens } } } }"

    data = await sender.product.data(query, {"id": encode_id("User", grace.user)})

    assert data["node"] == {"name": "Grace", "tracking": None}


async def test_a_token_of_no_user_has_no_switches(sender: Sender) -> None:
    query = "mutation { updateMyTracking(input: { opens: true }) { errors { code } } }"

    answer = await sender.product.ask(query)

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_null_is_no_position_of_a_switch(sender: Sender) -> None:
    grace = await _user(sender)

    assert await grace.refused("updateMyTracking", {"opens": None}) == [("NULL_NOT_ALLOWED", ["opens"])]
