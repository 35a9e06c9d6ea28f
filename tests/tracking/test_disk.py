"""The disk behind the door fails or hangs: every hit is answered, and what was not recorded is counted."""

import asyncio
import logging
import os
import threading

from app.domain.modes import EventKind
from app.metrics import Unrecorded
from tests.tracking.conftest import TARGET


async def test_when_the_journal_is_gone_everything_is_answered_and_the_loss_counted(house, client, caplog):
    caplog.set_level(logging.DEBUG)
    (house.data / "journal").write_text("A file stands where the folder should be.")

    pixel = await client.get(house.mail.pixel)
    click = await client.get(house.mail.link)
    shared = await client.get(house.mail.shared_link)

    assert pixel.status_code == 200
    assert (click.headers["location"], shared.headers["location"]) == (TARGET, TARGET)
    assert house.door.metrics.why_unrecorded() == {Unrecorded.JOURNAL_UNAVAILABLE: 3}
    said = [record.getMessage() for record in caplog.records if record.name.startswith("app.")]
    assert said == [
        "The personal journal cannot be written: File exists",
        "The anonymous journal cannot be written: File exists",
    ]


async def test_a_disk_that_hangs_withholds_no_answer_and_the_hit_is_counted_as_slow(
    house, client, monkeypatch
):
    """The redirect comes within two patiences of the journal; what the disk takes at last is recorded."""
    disk_answers, write = threading.Event(), os.write
    monkeypatch.setattr(os, "write", lambda *content: disk_answers.wait(60) and write(*content))
    house.personal_journal._turn_patience = 0.05

    click = await asyncio.wait_for(client.get(house.mail.link), 60)
    pixel = await asyncio.wait_for(client.get(house.mail.pixel), 60)

    assert (click.status_code, click.headers["location"]) == (302, TARGET)
    assert (pixel.status_code, len(pixel.content)) == (200, 43)
    assert house.door.metrics.why_unrecorded() == {Unrecorded.SLOW_JOURNAL: 2}
    disk_answers.set()
    await house.personal_journal.close()
    recorded = [(record.manner.kind, record.link) for record in house.personal_records()]
    assert recorded == [(EventKind.CLICKED, 2), (EventKind.OPENED, 0)]
