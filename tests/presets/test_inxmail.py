"""The preset `inxmail`: a default for the whole account, which mailings inherit or replace (I1 to I4)."""

from tests.presets.sender import Sender, exact, people, rounded


async def test_i1_the_default_is_anonymous_or_by_person(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    (anonymous,) = await sender.send(await sender.mailing(), "ada@example.org")

    await sender.channel("CAMPAIGN", defaultOpens="PERSONAL", defaultClicks="PERSONAL")
    (by_person,) = await sender.send(await sender.mailing(), "ada@example.org")

    assert anonymous.modes == ("ANONYMOUS", "ANONYMOUS")
    assert by_person.modes == ("PERSONAL", "PERSONAL")


async def test_i1_anonymous_hits_are_counted_for_all_together(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(12))

    for mail in mails[:10]:
        await sender.open(mail)

    report = await sender.report(mailing)
    assert report["opens"] == rounded(10)
    assert report["openRate"]["basis"] == "TOTAL"


async def test_i2_a_mailing_that_states_nothing_inherits_the_newest_default(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    inherits = await sender.mailing()
    states = await sender.mailing(opens="ANONYMOUS", clicks="OFF")

    await sender.channel("CAMPAIGN", defaultOpens="PERSONAL", defaultClicks="PERSONAL")
    (follows,) = await sender.send(inherits, "ada@example.org")
    (keeps,) = await sender.send(states, "ada@example.org")

    assert follows.modes == ("PERSONAL", "PERSONAL")
    assert keeps.modes == ("ANONYMOUS", "OFF")
    assert keeps.decision["opens"]["trace"][0]["reason"] == (
        "Opens are counted at most anonymously, because the mailing itself says so."
    )


async def test_i3_a_mailing_goes_by_permission_as_it_or_the_settings_say(sender: Sender) -> None:
    """Whoever allowed it is tracked by person there, everybody else as before."""
    await sender.preset("INXMAIL")
    await sender.says("yes@example.org", "YES")
    by_itself, by_settings = await sender.mailing(), await sender.mailing()

    await sender.done("updateMailing", {"id": by_itself, "permissionBased": True})
    await sender.done("updateSettings", {"mailings": [{"id": by_settings, "permissionBased": True}]})

    for mailing in (by_itself, by_settings):
        yes, unknown = await sender.send(mailing, "yes@example.org", "unknown@example.org")
        assert yes.modes == ("PERSONAL", "PERSONAL")
        assert unknown.modes == ("ANONYMOUS", "ANONYMOUS")


async def test_i3_a_mailing_stops_going_by_permission(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    await sender.says("yes@example.org", "YES")
    mailing = await sender.mailing(permissionBased=True)

    await sender.done("updateSettings", {"mailings": [{"id": mailing, "permissionBased": None}]})
    (mail,) = await sender.send(mailing, "yes@example.org")

    assert mail.modes == ("ANONYMOUS", "ANONYMOUS")


async def test_i4_an_active_mailing_changes_only_outside_of_its_protection(sender: Sender) -> None:
    """What was sent before the change stays as it was sent."""
    await sender.preset("INXMAIL")
    await sender.says("yes@example.org", "YES")
    mailing = await sender.mailing("TRANSACTIONAL", permissionBased=True)
    (before,) = await sender.send(mailing, "yes@example.org")

    refused = await sender.refused("updateMailing", {"id": mailing, "permissionBased": False})
    await sender.done("liftProtection", {"id": mailing})
    await sender.done("updateMailing", {"id": mailing, "permissionBased": False})
    (after,) = await sender.send(mailing, "yes@example.org")
    again = await sender.refused("updateMailing", {"id": mailing, "permissionBased": True})
    await sender.open(before)

    assert (refused, again) == ([("MAILING_PROTECTED", None)],) * 2
    assert (before.modes, after.modes) == (("PERSONAL", "PERSONAL"), ("ANONYMOUS", "ANONYMOUS"))
    assert (await sender.delivery(before))["opens"] == exact(1)


async def test_i5_the_relay_is_off_at_first(sender: Sender) -> None:
    await sender.preset("INXMAIL")

    (mail,) = await sender.send(await sender.mailing("RELAY"), "ada@example.org")

    assert mail.modes == ("OFF", "OFF")


async def test_i6_the_relay_never_goes_by_permission(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    relay = {"channel": "RELAY", "permissionBased": True}

    assert await sender.refused("updateSettings", {"channels": [relay]}) == [
        ("RELAY_NOT_PERMISSION_BASED", ["channels", "0", "permissionBased"])
    ]
