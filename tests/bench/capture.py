"""Durable hits a second: beside the same server answering a constant, and beside two peers from PyPI.

    ratio_to_ceiling      durable hits ÷ constants, 128 connections, one worker; the lower of pixel and click
    times_peer            pixels ÷ those of django-mail-analytics, which stores them in the same PostgreSQL
    times_pytracking      pixels ÷ those of pytracking behind Starlette, which stores nothing
    p99_ms                at half of what saturated it just before, from when each request should have left
    p99_ms_db_down        the same while PostgreSQL is stopped, for five minutes at a million rows
    memory_mb             of the worker after all hits (two a row), memory_growth_mb since the first tenth of them

The server and the ceiling run all the time and are asked in turns; ratios and p99 are medians over the turns, since a
shared machine may do half as much a moment later; `p99_ms_worst` and `p99_ms_db_down_worst` are of the worst turn. All hits are
PERSONAL with a token of their own. At the end the journal is read: it must hold what was answered, each once.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from app.domain.modes import Anonymity, TrackingMode
from app.domain.tokens import ClickDelivery, LinkPart, PixelPersonal
from app.journal.reader import JournalReader
from app.journal.records import PERSONAL
from app.sealing.keyring import Keyring
from app.sealing.links import Addresses, joined
from app.supervisor.database import serving
from app.supervisor.postgres import SUPERUSER, Cluster, embedded_cluster
from tests.bench._peers import CLIENTS, Peers
from tests.journal.hits import read
from tests.running import free_port

NAME = "capture"
CONNECTIONS = 128
TURNS = 3
_TURN, _PROBE = 1.0, 2.0
_KEY = bytes(range(32))
_TOKENS = 100_000
_LINKS = 20
_ROOT = Path(__file__).parents[2]
_LONGEST_OUTAGE = 300.0


@dataclass
class Server:
    """A started server, and how many requests it has answered."""

    process: subprocess.Popen[bytes]
    port: int
    connections: int = CONNECTIONS
    answered: int = field(default=0)

    def load(self, paths: Path, seconds: float, rate: float = 0) -> dict[str, float]:
        """Asks it for so long, after a second of warming up."""
        words = {
            "port": self.port,
            "connections": CONNECTIONS,
            "seconds": seconds,
            "rate": rate,
            "paths": paths,
        }
        arguments = [str(each) for name, value in words.items() for each in (f"--{name}", value)]
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench._load", *arguments],
            cwd=_ROOT, check=True, capture_output=True,
        )  # fmt: skip
        found: dict[str, float] = json.loads(told.stdout)
        assert not found["failed"], f"{found['failed']} requests had another answer than they should"
        self.answered += int(found["answered"])
        return found

    def memory_mb(self) -> float:
        """Of its largest process, which is the worker."""
        return max(_resident(pid) for pid in (self.process.pid, *_children(self.process.pid)))


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs everything; `rows` of a million take about a quarter of an hour."""
    seconds = max(2.0, min(10.0, rows / 100_000))
    pixels, clicks = _write_paths(folder)
    cluster = embedded_cluster(folder / "cluster")
    with ExitStack() as stack:
        database = stack.enter_context(ExitStack())
        database.enter_context(serving(cluster))
        found = await _peers(folder, cluster, seconds, say)
        ours = stack.enter_context(_ours(folder, "ours", cluster, "app.main:create_application"))
        ceiling = stack.enter_context(
            _ours(folder, "ceiling", cluster, "tests.bench._ceiling:create_ceiling")
        )
        # Many short turns rather than few long ones: both of a turn shall meet the same machine.
        turns = round(TURNS * seconds / _TURN)
        say(f"capture: {turns} turns of {_TURN:.0f} s, pixels and clicks, beside the ceiling")
        rates = [
            (each.load(paths, _TURN)["per_s"])
            for _ in range(turns)
            for paths in (pixels, clicks)
            for each in (ours, ceiling)
        ]
        found |= _ratios(rates, found)
        early = ours.memory_mb()
        say("capture: pixels at half of what saturates it")
        calm = _at_half(ours, pixels, 3 * seconds)
        database.close()
        outage = min(_LONGEST_OUTAGE, seconds * rows / 30_000)
        say(f"capture: the same for {outage:.0f} s with PostgreSQL stopped")
        away = _at_half(ours, pixels, outage)
        say(f"capture: up to {2 * rows:,} hits in all, for the memory")
        while ours.answered < 2 * rows:
            ours.load(clicks, seconds)
        late = ours.memory_mb()
    _verify(folder / "ours", ours.answered)
    return found | {
        "p99_ms": round(statistics.median(calm), 2),
        "p99_ms_worst": round(max(calm), 2),
        "p99_ms_db_down": round(statistics.median(away), 2),
        "p99_ms_db_down_worst": round(max(away), 2),
        "hits_verified": ours.answered,
        "memory_mb": round(late),
        "memory_growth_mb": round(late - early),
    }


async def _peers(
    folder: Path, cluster: Cluster, seconds: float, say: Callable[[str], None]
) -> dict[str, Any]:
    peers = Peers(folder)
    versions = peers.install()
    say(f"capture: peers from PyPI: {', '.join(f'{name} {version}' for name, version in versions.items())}")
    connection = await asyncpg.connect(cluster.address(SUPERUSER, "postgres"))
    await connection.execute("CREATE DATABASE peer")
    await connection.close()
    environment = {**os.environ, "PEER_USER": SUPERUSER, "PEER_HOST": str(cluster.socket)}
    rates = {}
    for name in ("django", "pytracking"):
        peers.prepare(f"peer_{name}", environment)
        port = free_port()
        with _serving(peers.words(f"peer_{name}", port), port, environment, folder) as server:
            server.connections = CLIENTS[name]
            rates[name] = server.load(folder / f"{name}-pixel", seconds)["per_s"]
            rates[f"{name}_click"] = server.load(folder / f"{name}-click", seconds)["per_s"]
            if name == "django":
                await _stored(cluster, server.answered)
    return {"peer_versions": versions, **{f"{name}_per_s": round(rate) for name, rate in rates.items()}}


async def _stored(cluster: Cluster, answered: int) -> None:
    """The peer really stored what it answered; pixels have an empty action, clicks their target."""
    connection = await asyncpg.connect(cluster.address(SUPERUSER, "peer"))
    stored = await connection.fetchval("SELECT count(*) FROM django_mail_analytics_mailrecipientaction")
    await connection.close()
    assert stored == answered, f"the peer answered {answered} and stored {stored}"


def _at_half(server: Server, paths: Path, lasting: float) -> list[float]:
    """The p99 in milliseconds of each turn of so many seconds in all; a turn asks first how much saturates it now."""
    ends, found = time.monotonic() + lasting, []
    while len(found) < TURNS or time.monotonic() < ends:
        half = server.load(paths, _PROBE)["per_s"] / 2
        found.append(server.load(paths, 3 * _PROBE, half)["p99_ms"])
    return found


def _ratios(rates: list[float], peers: dict[str, Any]) -> dict[str, Any]:
    """`rates` by turn: pixels of ours and of the ceiling, then clicks of both."""
    turns = [rates[start : start + 4] for start in range(0, len(rates), 4)]
    pixel, ceiling_pixel, click, ceiling_click = (
        statistics.median(column) for column in zip(*turns, strict=True)
    )
    ratio_pixel = statistics.median(turn[0] / turn[1] for turn in turns)
    ratio_click = statistics.median(turn[2] / turn[3] for turn in turns)
    return {
        "pixel_per_s": round(pixel),
        "click_per_s": round(click),
        "ceiling_pixel_per_s": round(ceiling_pixel),
        "ceiling_click_per_s": round(ceiling_click),
        "ratio_to_ceiling_pixel": round(ratio_pixel, 3),
        "ratio_to_ceiling_click": round(ratio_click, 3),
        "ratio_to_ceiling": round(min(ratio_pixel, ratio_click), 3),
        "times_peer": round(min(pixel / peers["django_per_s"], click / peers["django_click_per_s"]), 2),
        "times_pytracking": round(
            min(pixel / peers["pytracking_per_s"], click / peers["pytracking_click_per_s"]), 2
        ),
    }


def _write_paths(folder: Path) -> tuple[Path, Path]:
    addresses = Addresses(Keyring([_KEY]), "http://track.example.org")
    target = "https://shop.example.com/coats/winter/{}?size=40&from=mail"
    links = [
        addresses.link(LinkPart(5, link, TrackingMode.PERSONAL, Anonymity.SHARED, None, target.format(link)))
        for link in range(1, _LINKS + 1)
    ]
    pixels, clicks = folder / "pixels", folder / "clicks"
    with pixels.open("w") as first, clicks.open("w") as second:
        for number in range(_TOKENS):
            person = UUID(int=number)
            pixel = addresses.personal_pixel(PixelPersonal(5, person, number, yields_gpc=False))
            part = addresses.delivery_part(ClickDelivery(person, number, yields_gpc=False), 5)
            first.write(f"{urlsplit(pixel).path}\n")
            second.write(f"{urlsplit(joined(links[number % _LINKS], part)).path}\n")
    return pixels, clicks


@contextmanager
def _ours(folder: Path, name: str, cluster: Cluster, factory: str) -> Iterator[Server]:
    port = free_port()
    environment = {
        **os.environ,
        "ASSENT_DATA": str(folder / name),
        "ASSENT_SECRET_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DATABASE_URL": cluster.address(SUPERUSER),
    }
    words = (
        "--interface",
        "asgi",
        "--loop",
        "uvloop",
        "--factory",
        "--workers",
        "1",
        "--log-level",
        "warning",
    )
    command = [sys.executable, "-m", "granian", *words, "--port", str(port), factory]
    with _serving(command, port, environment, _ROOT) as server:
        yield server


@contextmanager
def _serving(words: list[str], port: int, environment: dict[str, str], folder: Path) -> Iterator[Server]:
    process = subprocess.Popen(words, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, f"{words[2]} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{words[2]} does not answer"
            time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(20)


def _verify(data: Path, answered: int) -> None:
    reader, found = JournalReader(data, PERSONAL), 0
    for segment in reader.segments():
        offset, finished = 0, False
        while not finished:
            reading = read(reader, segment, offset)
            finished, offset = reading.finished, reading.offset
            found += len(reading.records)
            assert not reading.set_aside
    assert found == answered, f"{answered} hits were answered and {found} are in the journal"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
