"""The preset `campaign-monitor`: yes, no or unknown, tracked until somebody says no (C1, C3, C4, C7)."""

from tests.presets.sender import NOT_MEASURED, Sender, exact


async def test_c1_permission_is_yes_no_or_unknown(sender: Sender) -> None:
    await sender.preset("CAMPAIGN_MONITOR")
    await sender.says("yes@example.org", "YES")
    await sender.says("no@example.org", "NO")
    await sender.product.upserted("unknown@example.org")
    query = """query ($email: String!) { subscriber(email: $email) { permission {
      opens { value reason } clicks { value reason } } } }"""

    found = {}
    for name in ("yes", "no", "unknown"):
        data = await sender.product.data(query, {"email": f"{name}@example.org"})
        found[name] = data["subscriber"]["permission"]

    for name, state in {
        "yes": {"value": "YES", "reason": None},
        "no": {"value": "NO", "reason": "DENIED"},
        "unknown": {"value": "UNKNOWN", "reason": "NEVER_ASKED"},
    }.items():
        assert found[name] == {"opens": state, "clicks": state}


async def test_c3_who_never_answered_is_tracked_until_the_no(sender: Sender) -> None:
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()

    (unknown,) = await sender.send(mailing, "ada@example.org")
    await sender.says("ada@example.org", "NO")
    (refused,) = await sender.send(mailing, "ada@example.org")

    assert unknown.modes == ("PERSONAL", "PERSONAL")
    assert refused.modes == ("OFF", "OFF")


async def test_c4_who_said_no_is_sent_to_and_not_recorded(sender: Sender) -> None:
    """Two get the mail, one of them has refused: it has no pixel, the rate is over the other one."""
    await sender.preset("CAMPAIGN_MONITOR")
    await sender.says("no@example.org", "NO")
    mailing = await sender.mailing()
    refused, tracked = await sender.send(mailing, "no@example.org", "yes@example.org")

    await sender.open(tracked)
    await sender.click(tracked)

    report = await sender.report(mailing)
    assert "<img" not in refused.html
    assert "https://shop.example.com/a" in refused.html
    assert (report["sent"], report["measured"]) == (2, {"opens": 1, "clicks": 1})
    assert (report["opens"], report["clicks"]) == (exact(1), exact(1))
    assert (await sender.delivery(refused))["opens"] == NOT_MEASURED


async def test_c7_a_later_no_stops_recording_and_leaves_earlier_reports(sender: Sender) -> None:
    """The mail was tracked and opened; after the no its pixel is loaded again."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.open(mail)
    before = await sender.report(mailing)

    sender.world.later(minutes=5)
    await sender.says("ada@example.org", "NO")
    sender.world.later(minutes=5)
    await sender.open(mail)
    await sender.click(mail)

    assert await sender.report(mailing) == before
    assert before["opens"] == exact(1)
    assert (await sender.delivery(mail))["opens"] == exact(1)
