"""Asks a server for pixels and links over many connections, in a process of its own, and says how it answered.

Closed loop (`--rate 0`): each connection asks again as soon as it has its answer. Open loop: requests leave at a fixed
rate whatever comes back, and latency counts from when each should have left, so a pause is not hidden by waiting.
It runs on uvloop (PyPI), one callback an answer; everything that was asked is waited for before it ends.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import uvloop

AGENTS = [
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    for version in range(100, 150)
]
HEAD = (
    "GET {path} HTTP/1.1\r\nHost: track.example.org\r\nUser-Agent: {agent}\r\nAccept: image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
)


class Run:
    """What all connections share: what to ask, and what came of it."""

    def __init__(self, paths: list[str], rate: float) -> None:
        self.requests = [
            HEAD.format(path=path, agent=AGENTS[number % len(AGENTS)]).encode()
            for number, path in enumerate(paths)
        ]
        self.rate = rate
        self.asked = self.answered = self.failed = 0
        self.ending = False
        self.latencies: list[float] = []

    def next(self) -> bytes:
        """The next request."""
        self.asked += 1
        return self.requests[self.asked % len(self.requests)]


class Connection(asyncio.Protocol):
    """One connection that keeps alive and has one request out at a time."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.waiting: list[float] = []
        self.out = False
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, due: float) -> None:
        """Asks now, or, while a request is out, as soon as it has its answer."""
        if self.out:
            self.waiting.append(due)
            return
        self.out, self.due = True, due
        self.transport.write(self.run.next())

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        head, found, body = data.partition(b"\r\n\r\n")
        if not found or not _whole(head.lower(), body):
            self.rest = data
            return
        self.rest, self.out = b"", False
        run, now = self.run, time.perf_counter()
        run.answered += 1
        run.failed += head[9:12] not in {b"200", b"302", b"307"}
        run.latencies.append(now - self.due)
        if self.waiting:
            self.ask(self.waiting.pop(0))
        elif not run.rate and not run.ending:
            self.ask(now)


def _whole(head: bytes, body: bytes) -> bool:
    """Whether all of the body has come; peers that name no length send it in chunks."""
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.partition(b"content-length: ")[2].partition(b"\r")[0] or 0)


async def loaded(asked: argparse.Namespace, run: Run) -> dict[str, float]:
    """One run: a second to warm up, then the measured time, then until everything is answered."""
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: Connection(run), "127.0.0.1", asked.port))[1]
        for _ in range(asked.connections)
    ]
    pacer = asyncio.create_task(_pace(run, connections)) if asked.rate else None
    if pacer is None:
        for connection in connections:
            connection.ask(time.perf_counter())
    await asyncio.sleep(1)
    before, began = run.answered, time.perf_counter()
    run.latencies.clear()
    await asyncio.sleep(asked.seconds)
    took, count, latencies = time.perf_counter() - began, run.answered - before, sorted(run.latencies)
    run.ending = True
    if pacer is not None:
        await pacer
    while run.answered < run.asked or any(each.waiting for each in connections):  # noqa: ASYNC110  answers are counted, not awaited
        await asyncio.sleep(0.05)
    return {
        "per_s": count / took,
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[int(len(latencies) * 0.99)],
        "answered": run.answered,
        "failed": run.failed,
    }


async def _pace(run: Run, connections: list[Connection]) -> None:
    began, sent = time.perf_counter(), 0
    while not run.ending:
        due = int((time.perf_counter() - began) * run.rate)
        for number in range(sent, due):
            connections[number % len(connections)].ask(began + number / run.rate)
        sent = max(sent, due)
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (
        ("port", int),
        ("connections", int),
        ("seconds", float),
        ("rate", float),
        ("paths", str),
    ):
        parser.add_argument(f"--{name}", type=kind, required=True)
    arguments = parser.parse_args()
    asked_for = Path(arguments.paths).read_text(encoding="ascii").split()
    json.dump(uvloop.run(loaded(arguments, Run(asked_for, arguments.rate))), sys.stdout)
