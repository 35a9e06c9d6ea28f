"""Clients of subscriptions that nobody here wrote, against the toy schema on a real server."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.judges.folder import NODE, judges_folder
from tests.running import free_port


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "The server ended before it listened."
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("The server does not listen.")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the toy on granian."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with subprocess.Popen([*command, "--log-level", "warning", "tests.graphql_schema.toy:app"]) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/graphql"
        finally:
            process.terminate()


def subscription(server: str, query: str) -> dict[str, list[dict[str, object]]]:
    """What the clients graphql-ws and graphql-sse received."""
    done = subprocess.run(
        [NODE, "subscriptions.mjs", server, query],
        cwd=judges_folder(),
        env={**os.environ, "TOKEN": "all"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_clients_of_subscriptions_receive_every_event(server):
    events = [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}]

    assert subscription(server, "subscription {ticks(to: 2)}") == {"ws": events, "sse": events}


def test_clients_of_subscriptions_receive_masked_errors(server):
    received = subscription(server, "subscription {brokenTicks}")

    for results in received.values():
        assert results[0] == {"data": {"brokenTicks": 1}}
        assert [error["message"] for error in results[1]["errors"]] == ["Unexpected error."]
