"""The preset `mapp`: DoNotTrack true, false and unset, and one switch for all who are unset (M1, M7, M8)."""

from tests.presets.sender import NOT_MEASURED, Sender, exact, people, rounded


async def test_m1_do_not_track_is_true_false_or_unset(sender: Sender) -> None:
    await sender.preset("MAPP")
    await sender.says("true@example.org", "NO")
    await sender.says("false@example.org", "YES")

    true, false, unset = await sender.send(
        await sender.mailing(), "true@example.org", "false@example.org", "unset@example.org"
    )

    assert true.modes == ("ANONYMOUS", "ANONYMOUS")
    assert false.modes == ("PERSONAL", "PERSONAL")
    assert unset.modes == ("PERSONAL", "PERSONAL")


async def test_m2_hits_of_anonymised_people_are_the_groups(sender: Sender) -> None:
    """Figures of the mailing remain; nobody of the group is tied to one."""
    await sender.preset("MAPP")
    for email in people(10):
        await sender.says(email, "NO")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(10), "tracked@example.org")

    for mail in mails:
        await sender.open(mail)

    assert (await sender.report(mailing))["opens"] == rounded(11)
    assert (await sender.delivery(mails[0]))["opens"] == NOT_MEASURED
    assert (await sender.delivery(mails[10]))["opens"] == exact(1)


async def test_m7_who_is_false_stays_tracked_where_unset_people_are_not(sender: Sender) -> None:
    """What an import may read into an empty cell: false is an answer, unset is none."""
    await sender.preset("MAPP")
    await sender.says("false@example.org", "YES")
    await sender.done("updateSettings", {"unknownOpens": "ANONYMOUS", "unknownClicks": "ANONYMOUS"})

    false, unset = await sender.send(await sender.mailing(), "false@example.org", "unset@example.org")

    assert (false.modes, unset.modes) == (("PERSONAL", "PERSONAL"), ("ANONYMOUS", "ANONYMOUS"))


async def test_m8_one_switch_anonymises_all_who_are_unset_until_they_consent(sender: Sender) -> None:
    await sender.preset("MAPP")
    mailing = await sender.mailing()
    (before,) = await sender.send(mailing, "ada@example.org")

    await sender.done("updateSettings", {"unknownOpens": "ANONYMOUS", "unknownClicks": "ANONYMOUS"})
    (unset,) = await sender.send(mailing, "ada@example.org")
    await sender.says("ada@example.org", "YES")
    (consented,) = await sender.send(mailing, "ada@example.org")

    assert before.modes == ("PERSONAL", "PERSONAL")
    assert unset.modes == ("ANONYMOUS", "ANONYMOUS")
    assert consented.modes == ("PERSONAL", "PERSONAL")
