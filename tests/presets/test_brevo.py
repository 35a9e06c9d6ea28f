"""The preset `brevo`: people are tracked, and a switch for each channel makes all mail of it anonymous (B1 to B4)."""

from tests.presets.sender import NOT_MEASURED, Sender, exact, people, rounded


async def test_b0_without_the_switch_opens_and_clicks_are_tied_to_the_recipient(sender: Sender) -> None:
    warned = await sender.preset("BREVO")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")

    await sender.open(mail)
    await sender.click(mail)

    assert warned == ["TRACKS_UNANSWERED", "TRACKS_UNANSWERED"]
    seen = await sender.delivery(mail)
    assert (seen["opens"], seen["clicks"]) == (exact(1), exact(1))
    assert seen["clickedLinks"] == ["https://shop.example.com/a"]


async def test_b1_the_switch_of_campaigns_unties_hits_from_people(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(10))

    for mail in mails:
        await sender.open(mail)

    assert {mail.modes for mail in mails} == {("ANONYMOUS", "ANONYMOUS")}
    assert mails[0].decision["opens"]["boundBy"] == "ACCOUNT_ANONYMOUS"
    assert (await sender.delivery(mails[0]))["opens"] == NOT_MEASURED
    assert (await sender.report(mailing))["opens"] == rounded(10)
    assert await sender.world.rows("SELECT FROM event") == []


async def test_b1_who_allowed_it_is_anonymous_as_well(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.says("ada@example.org", "YES")
    await sender.channel("CAMPAIGN", anonymousTracking=True)

    (mail,) = await sender.send(await sender.mailing(), "ada@example.org")

    assert mail.modes == ("ANONYMOUS", "ANONYMOUS")


async def test_b2_campaigns_and_transactional_mail_are_switched_apart(sender: Sender) -> None:
    await sender.preset("BREVO")
    campaign, receipts = await sender.mailing(), await sender.mailing("TRANSACTIONAL")

    await sender.channel("TRANSACTIONAL", anonymousTracking=True)
    (news,) = await sender.send(campaign, "ada@example.org")
    (receipt,) = await sender.send(receipts, "ada@example.org")

    assert news.modes == ("PERSONAL", "PERSONAL")
    assert receipt.modes == ("ANONYMOUS", "ANONYMOUS")


async def test_b3_what_is_scheduled_follows_the_switch_and_what_is_sent_does_not(sender: Sender) -> None:
    """The campaign stood ready before the switch was turned; half of it was sent before."""
    await sender.preset("BREVO")
    mailing = await sender.mailing()
    (before,) = await sender.send(mailing, "ada@example.org")

    await sender.channel("CAMPAIGN", anonymousTracking=True)
    (after,) = await sender.send(mailing, "bob@example.org")
    await sender.open(before)

    assert (before.modes, after.modes) == (("PERSONAL", "PERSONAL"), ("ANONYMOUS", "ANONYMOUS"))
    assert (await sender.delivery(before))["opens"] == exact(1)


async def test_b3_no_mailing_is_an_exception(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing(opens="PERSONAL", clicks="PERSONAL", permissionBased=True)

    (mail,) = await sender.send(mailing, "ada@example.org")

    assert mail.modes == ("ANONYMOUS", "ANONYMOUS")


async def test_b3_switching_back_tracks_later_mail_and_brings_nothing_back(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    (anonymous,) = await sender.send(mailing, "ada@example.org")

    await sender.channel("CAMPAIGN", anonymousTracking=False)
    (tracked,) = await sender.send(mailing, "ada@example.org")
    await sender.open(anonymous)
    await sender.open(tracked)

    assert (await sender.delivery(anonymous))["opens"] == NOT_MEASURED
    assert (await sender.delivery(tracked))["opens"] == exact(1)


async def test_b4_rates_remain_for_the_whole_campaign(sender: Sender) -> None:
    """Of 20 recipients 15 open, one of them twice, and 10 click: unique openers are counted without a name."""
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(20))

    for mail in (*mails[:15], mails[0]):
        await sender.open(mail)
    for mail in mails[:10]:
        await sender.click(mail)

    report = await sender.report(mailing)
    assert (report["sent"], report["measured"]) == (20, {"opens": 20, "clicks": 20})
    assert (report["opens"], report["uniqueOpens"]) == (rounded(15), rounded(15))
    assert report["openRate"] == {"value": 0.75, "basis": "UNIQUE", "shown": "ROUNDED"}
    assert report["clicks"] == rounded(10)
    assert report["clickRate"] == {"value": 0.5, "basis": "TOTAL", "shown": "ROUNDED"}


async def test_who_says_no_is_counted_without_a_name(sender: Sender) -> None:
    """The one departure: no switch overrides a refusal."""
    await sender.preset("BREVO")
    await sender.says("ada@example.org", "NO")

    (mail,) = await sender.send(await sender.mailing(), "ada@example.org")

    assert mail.modes == ("ANONYMOUS", "ANONYMOUS")
    assert mail.decision["opens"]["boundBy"] == "PERMISSION"
