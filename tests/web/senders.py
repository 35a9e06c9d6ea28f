"""A sender that speaks `POST /messages` as programs do: it writes lines and reads lines, both at once or in turn."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx


@dataclass
class Sender:
    """A program with a token."""

    url: str
    token: str

    async def post(self, *lines: Any) -> httpx.Response:
        """Sends all lines, and then reads the whole answer."""
        async with httpx.AsyncClient(timeout=120) as client:
            return await client.post(
                f"{self.url}/messages", content=body(lines), headers={"Authorization": f"Bearer {self.token}"}
            )

    async def said(self, *lines: Any) -> list[dict[str, Any]]:
        """The lines of an answer that must be one."""
        answer = await self.post(*lines)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]

    @asynccontextmanager
    async def talking(self) -> AsyncIterator["Talk"]:
        """A connection of which the test holds both ends; it is cut off at the end."""
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=1 << 24)
        writer.write(
            f"POST /messages HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {self.token}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        yield Talk(reader, writer)
        writer.transport.abort()


@dataclass
class Talk:
    """One call under way, by hand: HTTP/1.1 with chunks."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *lines: Any) -> None:
        """Sends lines, and does not say that they are all."""
        content = body(lines)
        self.writer.write(b"%x\r\n%b\r\n" % (len(content), content))
        await self.writer.drain()

    async def answers(self, number: int) -> list[dict[str, Any]]:
        """So many lines of the answer, as they come."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(60):
            while len(found) < number:
                line = await self.reader.readline()
                assert line, "the answer ended"
                if line.startswith(b"{"):
                    found.append(json.loads(line))
        return found


def body(lines: Iterable[Any]) -> bytes:
    """Lines as bytes; what is bytes already stays as it is."""
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
