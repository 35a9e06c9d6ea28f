"""The environment is read once, and every mistake in it is told at once."""

import base64
import os
import stat
import subprocess
import sys
from ipaddress import ip_network

import pytest

from app.settings import SettingsInvalid, read_settings
from app.variables import VARIABLES
from tests.whereabouts import write_countries

KEY = base64.urlsafe_b64encode(bytes(32)).decode()


def test_an_empty_environment_gives_the_defaults_of_the_table(tmp_path):
    settings = read_settings({"ASSENT_DATA": str(tmp_path / "var"), "ASSENT_HOST": ""})

    assert settings.database_url is None
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.relay_port, settings.anonymous_refresh, settings.tracking) == (8025, 3600, True)
    assert (settings.trusted_proxies, settings.geoip, settings.smtp_url) == ((), None, None)


def test_every_value_is_taken_from_its_variable(tmp_path):
    database = write_countries(tmp_path / "places.mmdb")

    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://app@db/assent",
            "ASSENT_OWNER_DATABASE_URL": "postgresql://owner@db/assent",
            "ASSENT_DATA": str(tmp_path),
            "ASSENT_HOST": "::",
            "ASSENT_PORT": "9000",
            "ASSENT_WORKERS": "4",
            "ASSENT_PUBLIC_URL": "https://mail.example.org/",
            "ASSENT_SECRET_KEYS": f"{'_' * 43},{KEY}",
            "ASSENT_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
            "ASSENT_GEOIP": str(database),
            "ASSENT_BOOTSTRAP_TOKEN": "secret",
            "ASSENT_RELAY_PORT": "2525",
            "ASSENT_SMTP_URL": "smtps://me:word@mail.example.org:465",
            "ASSENT_TRACKING": "off",
            "ASSENT_ANONYMOUS_REFRESH": "5",
            "ASSENT_API_BUDGET": "25000",
        },
    )

    assert settings.owner_database_url == "postgresql://owner@db/assent"
    assert (settings.host, settings.port, settings.workers) == ("::", 9000, 4)
    assert settings.public_url == "https://mail.example.org"
    assert settings.secret_keys == (b"\xff" * 32, bytes(32))
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("192.0.2.1/32"))
    assert (settings.geoip, settings.relay_port, settings.anonymous_refresh) == (database, 2525, 5)
    assert (settings.tracking, settings.api_budget) == (False, 25_000)
    assert not (tmp_path / "keys").exists()


def test_all_mistakes_are_told_at_once_each_with_its_name_and_nothing_is_written(tmp_path):
    wrong = {
        "DATABASE_URL": "mysql://db",
        "ASSENT_OWNER_DATABASE_URL": "postgresql://db:port/assent",
        "ASSENT_DATA": str(tmp_path / "file" / "var"),
        "ASSENT_HOST": "127.0.0.1:8000",
        "ASSENT_PORT": "70000",
        "ASSENT_WORKERS": "many",
        "ASSENT_PUBLIC_URL": "mail.example.org",
        "ASSENT_SECRET_KEYS": "c2hvcnQ",
        "ASSENT_TRUSTED_PROXIES": "10.0.0.0/8,proxy",
        "ASSENT_GEOIP": "/no/such/file",
        "ASSENT_BOOTSTRAP_TOKEN": "two words",
        "ASSENT_RELAY_PORT": "0",
        "ASSENT_SMTP_URL": "mail.example.org:25",
        "ASSENT_TRACKING": "yes",
        "ASSENT_ANONYMOUS_REFRESH": "-1",
        "ASSENT_API_BUDGET": "24999",
    }
    (tmp_path / "file").touch()

    with pytest.raises(SettingsInvalid) as caught:
        read_settings(wrong)

    assert sorted(sentence.split()[0] for sentence in caught.value.sentences) == sorted(wrong)
    assert "ASSENT_PORT is '70000': give a whole number from 1 to 65535." in caught.value.sentences
    assert not (tmp_path / "file" / "var").exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://mail.example.org/a\nX-Header: b",
        "https://mail example.org",
        'https://mail.example.org/"',
        "https://exämple.org",
        "https://me:word@mail.example.org",
        "https://mail.example.org?",
        "https://mail.example.org/#",
    ],
)
def test_an_address_that_would_break_links_or_headers_of_mails_is_a_mistake_and_not_repeated(
    tmp_path, address
):
    """It stands as it is in each link and in List-Unsubscribe."""
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_DATA": str(tmp_path / "var"), "ASSENT_PUBLIC_URL": address})

    (sentence,) = caught.value.sentences
    assert sentence.startswith("ASSENT_PUBLIC_URL is no address that recipients see: write one such as ")
    assert "word" not in sentence
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("address", ["https://mail.example.org/track", "http://[2001:db8::1]:8000"])
def test_an_address_may_have_a_path_or_a_port(tmp_path, address):
    settings = read_settings({"ASSENT_DATA": str(tmp_path), "ASSENT_PUBLIC_URL": f"{address}/"})

    assert settings.public_url == address


@pytest.mark.parametrize("host", ["not a host", "http://mail.example.org", "[::1]", "127.0.0.1:80"])
def test_a_host_that_can_be_none_is_told_with_all_other_mistakes(tmp_path, host):
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_DATA": str(tmp_path), "ASSENT_HOST": host, "ASSENT_PORT": "x"})

    assert caught.value.sentences == [
        f"ASSENT_HOST is '{host}': give an IP address or a host name, without port and brackets.",
        "ASSENT_PORT is 'x': give a whole number from 1 to 65535.",
    ]


def test_a_number_of_any_length_is_a_mistake_like_any_other(tmp_path):
    """Python itself refuses to read one of more than 4,300 digits."""
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_DATA": str(tmp_path), "ASSENT_PORT": "9" * 5000})

    assert caught.value.sentences == [f"ASSENT_PORT is '{'9' * 20}': give a whole number from 1 to 65535."]


def test_a_proxy_written_as_ipv4_within_ipv6_is_the_ipv4_one(tmp_path):
    """So a machine that listens on both sees it; clients are compared as IPv4 too."""
    settings = read_settings(
        {"ASSENT_DATA": str(tmp_path), "ASSENT_TRUSTED_PROXIES": "::ffff:10.0.0.1, ::ffff:10.1.0.0/112"}
    )

    assert settings.trusted_proxies == (ip_network("10.0.0.1/32"), ip_network("10.1.0.0/16"))


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"ASSENT_PORT": "8025"}, "ASSENT_RELAY_PORT is 8025 like ASSENT_PORT: give each a port of its own."),
        (
            {"ASSENT_OWNER_DATABASE_URL": "postgresql://o@db/a"},
            "ASSENT_OWNER_DATABASE_URL is set without DATABASE_URL: set both, or neither for the embedded server.",
        ),
    ],
)
def test_values_that_do_not_go_together_are_a_mistake(tmp_path, environment, sentence):
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_DATA": str(tmp_path), **environment})

    assert caught.value.sentences == [sentence]


@pytest.mark.parametrize(
    ("networks", "why"),
    [
        (None, "is no database of MaxMind's format (MMDB)"),
        ({"203.0.113.0/24": {"autonomous_system_number": 64496}}, "tells no countries"),
    ],
)
def test_a_file_that_tells_no_countries_is_a_mistake_like_any_other(tmp_path, networks, why):
    """Found at the start, and not by the first hit."""
    path = tmp_path / "networks.mmdb"
    if networks is None:
        path.write_text("nothing of the kind")
    else:
        write_countries(path, networks)

    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_DATA": str(tmp_path), "ASSENT_GEOIP": str(path), "ASSENT_PORT": "x"})

    assert caught.value.sentences == [
        "ASSENT_PORT is 'x': give a whole number from 1 to 65535.",
        f"ASSENT_GEOIP is '{path}', which {why}: give a file of countries or cities, or unset it.",
    ]


def test_a_default_folder_that_cannot_be_one_is_a_mistake_like_any_other(tmp_path, monkeypatch):
    """A file stands where the default folder would be made; root meets that as well."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").write_text("in the way")

    with pytest.raises(SettingsInvalid) as caught:
        read_settings({"ASSENT_PORT": "x"})

    assert [sentence.split()[0] for sentence in caught.value.sentences] == ["ASSENT_PORT", "ASSENT_DATA"]


def test_a_secret_is_never_repeated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    secrets = {"ASSENT_SECRET_KEYS": "hush-hush", "ASSENT_SMTP_URL": "hush-hush", "DATABASE_URL": "hush-hush"}

    with pytest.raises(SettingsInvalid) as caught:
        read_settings(secrets)

    assert len(caught.value.sentences) == 3
    assert "hush" not in str(caught.value)


def test_keys_are_made_once_private_and_read_again(tmp_path):
    first = read_settings({"ASSENT_DATA": str(tmp_path / "var")})
    second = read_settings({"ASSENT_DATA": str(tmp_path / "var")})

    kept = tmp_path / "var" / "keys"
    assert first.secret_keys == second.secret_keys
    assert [len(key) for key in first.secret_keys] == [32]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["keys"]
    assert first.secret_keys[0].hex() not in repr(first)


def test_more_keys_in_the_file_are_taken_newest_first(tmp_path):
    older = read_settings({"ASSENT_DATA": str(tmp_path)}).secret_keys[0]
    kept = tmp_path / "keys"
    kept.write_text(f"{KEY}\n{kept.read_text()}")

    assert read_settings({"ASSENT_DATA": str(tmp_path)}).secret_keys == (bytes(32), older)


def test_keys_that_others_can_read_are_a_mistake(tmp_path):
    read_settings({"ASSENT_DATA": str(tmp_path)})
    (tmp_path / "keys").chmod(0o644)

    with pytest.raises(
        SettingsInvalid, match="ASSENT_DATA/keys can be read by others: make it private with chmod 600"
    ):
        read_settings({"ASSENT_DATA": str(tmp_path)})


def test_the_table_names_every_variable_once_with_one_line():
    names = [variable.name for variable in VARIABLES]

    assert len(names) == len(set(names)) == 16
    assert all(
        variable.description.endswith(".") and "\n" not in variable.description for variable in VARIABLES
    )


def test_the_command_line_prints_all_mistakes_and_ends_with_2(tmp_path):
    environment = {**os.environ, "ASSENT_DATA": str(tmp_path), "ASSENT_PORT": "x", "ASSENT_WORKERS": "0"}

    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "run"], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Error: ASSENT_PORT is 'x': give a whole number from 1 to 65535.",
        "Error: ASSENT_WORKERS is '0': give a whole number from 1 to 1024.",
    ]


def test_the_supervisor_imports_neither_the_application_nor_its_frameworks():
    heavy = (
        "litestar",
        "strawberry",
        "piccolo",
        "granian",
        "asyncpg",
        "app.domain",
        "app.storage",
        "asyncio",
    )
    words = "import app.cli, app.supervisor.supervise, app.supervisor.database, sys; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)

    assert [name for name in heavy if name in done.stdout.split()] == []
