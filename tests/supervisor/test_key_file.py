"""The file of keys: a new one comes in front, nobody else reads it, and two who add one at once both do."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.key_file import KeysWrong, add_key, kept_keys, read_keys, written_keys


def test_a_new_key_comes_in_front_of_those_that_are_there(tmp_path):
    path = tmp_path / "keys"
    (first,) = kept_keys(path)

    keys = add_key(path)

    assert keys[1:] == (first,)
    assert keys == kept_keys(path) == read_keys(path.read_text().strip()) == read_keys(written_keys(keys))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root may give files away.")
def test_the_file_stays_its_owners_where_root_adds_a_key(tmp_path):
    """Otherwise the service could not read its own keys at its next start."""
    path = tmp_path / "keys"
    kept_keys(path)
    os.chown(path, 65534, 65534)

    add_key(path)

    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65534, 0o600)


def test_two_who_add_one_at_once_both_do(tmp_path):
    path = tmp_path / "keys"
    (first,) = kept_keys(path)

    with ThreadPoolExecutor(8) as threads:
        added = {keys[0] for keys in threads.map(lambda _: add_key(path), range(8))}

    assert {*kept_keys(path)} == added | {first}
    assert kept_keys(path)[-1] == first


def test_a_file_that_holds_no_keys_is_left_as_it_is(tmp_path):
    path = tmp_path / "keys"
    path.write_text("not a key\n")
    path.chmod(0o600)

    with pytest.raises(KeysWrong, match="key 1"):
        add_key(path)

    assert path.read_text() == "not a key\n"
