"""Asks a GraphQL server the same thing over 16 connections, in a process of its own, and says how often it was answered.

Each connection asks again as soon as it has its answer. What is asked stands in a file: the head of the request and its
body. An answer that is not 200, or says "errors", ends the run.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import uvloop

WARMING = 0.5


class Asker:
    """All connections to one server."""

    def __init__(self, port: int, request: bytes) -> None:
        self.port, self.request = port, request
        self.answered = self.size = 0
        self.ends = float("inf")

    async def connection(self) -> None:
        """One connection, until the time is over."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        while time.perf_counter() < self.ends:
            writer.write(self.request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
            body = await reader.readexactly(length)
            assert head.startswith(b"http/1.1 200"), (head, body[:500])
            assert b'"errors"' not in body, body[:500]
            self.answered, self.size = self.answered + 1, len(body)
        writer.close()

    async def run(self, connections: int, seconds: float) -> dict[str, float]:
        """Warms up, then measures."""
        waiting = [asyncio.create_task(self.connection()) for _ in range(connections)]
        self.ends = time.perf_counter() + WARMING + seconds
        await asyncio.sleep(WARMING)
        before, began = self.answered, time.perf_counter()
        await asyncio.gather(*waiting)
        took = time.perf_counter() - began
        return {"per_s": (self.answered - before) / took, "bytes": self.size}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--request", type=Path, required=True)
    asked = parser.parse_args()
    found = uvloop.run(Asker(asked.port, asked.request.read_bytes()).run(asked.connections, asked.seconds))
    json.dump(found, sys.stdout)
