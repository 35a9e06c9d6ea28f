"""PostgreSQL runs without the rights of root, wherever the checkout lies."""

import os
from pathlib import Path

import pytest

from app.supervisor.account import database_account, programs, within_reach
from app.supervisor.database import serving
from app.supervisor.postgres import Cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


@as_root
def test_the_server_runs_as_a_user_of_its_own(postgres_server):
    server = int(postgres_server.note.read_text().split()[0])

    assert Path(f"/proc/{server}").stat().st_uid == postgres_server.account.user
    assert postgres_server.account.user not in {0, 65534}
    assert postgres_server.home.stat().st_uid == postgres_server.account.user


@as_root
def test_a_checkout_that_only_root_can_enter_serves_from_a_copy_of_the_programs(tmp_path, short_folder):
    """As in /root of a container: neither the programs nor the cluster can be reached from the top."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "pginstall").symlink_to(programs())
    account = database_account()

    home = within_reach(closed / "pginstall", account, store=short_folder)
    again = within_reach(closed / "pginstall", account, store=short_folder)

    assert home.is_relative_to(short_folder)
    assert home == again
    cluster = Cluster(closed / "postgres", home, account, durable=False)
    with serving(cluster):
        assert cluster.note.exists()
    assert not cluster.socket.exists()


@as_root
def test_programs_within_reach_are_not_copied(tmp_path):
    assert within_reach(programs(), database_account(), store=tmp_path / "store") == programs()
    assert not (tmp_path / "store").exists()
