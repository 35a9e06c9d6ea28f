"""The door behind a real server: what goes over the wire, and that the server's death loses nothing."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.running import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path):
    """A granian worker on this data folder, and its port."""
    port = free_port()
    arguments = ["--interface", "asginl", "--host", "127.0.0.1", "--port", str(port), "--no-log"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments, "tests/tracking/served.py:door"],
        cwd=ROOT,
        env=os.environ | {"ASSENT_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    with process:
        try:
            wait_for(port)
            yield process, port
        finally:
            kill(process)


def wait_for(port):
    for _ in range(2_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start within a hundred seconds")


def kill(process):
    """Ends the server and its worker, which share a session of their own, without a chance to tidy up."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        return


def test_hits_answered_over_http_survive_the_kill_of_the_server(house, server):
    process, port = server
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"user-agent": ""}, timeout=60) as client:
        pixel = client.get(httpx.URL(house.mail.pixel).path)
        click = client.get(httpx.URL(house.mail.link).path)
        shared = client.get(httpx.URL(house.mail.shared_link).path)
        head = client.head(httpx.URL(house.mail.link).path)
        missing = client.get("/c/nonsense")
    kill(process)

    assert (pixel.status_code, len(pixel.content), pixel.headers["cache-control"]) == (200, 43, "no-store")
    location = "https://shop.example/coats?size=40&from=mail#top"
    assert [answer.headers["location"] for answer in (click, shared, head)] == [location] * 3
    assert (head.status_code, missing.status_code) == (302, 404)
    assert [(record.link, record.delivery) for record in house.personal_records()] == [(0, 9), (2, 9)]
    assert [(record.link, record.count) for record in house.anonymous_records()] == [(2, 1)]


def test_the_head_on_the_wire_is_one_head(house, server):
    """Read from the socket itself: no second header, no body behind a 302, nothing that was not meant."""
    _, port = server
    path = httpx.URL(house.mail.link).path
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: assent.example\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(4096), b""))

    status, *lines = answer.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
    names = [line.partition(":")[0].lower() for line in lines]
    assert status == "HTTP/1.1 302 Found"
    assert "location: https://shop.example/coats?size=40&from=mail#top" in lines
    assert len(names) == len(set(names))
    assert "set-cookie" not in names
    assert answer.endswith(b"\r\n\r\n")
