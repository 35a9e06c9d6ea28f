"""What a record may say of where a hit came from: by account, by file, and of no proxy."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from app.countries import Countries, CountriesUnreadable
from app.journal.whereabouts import NOWHERE, packed_whereabouts
from app.keepers import Keepers
from app.networks import Trusted, packed_address
from app.tracking.whereabouts import Places
from tests.whereabouts import BERLIN, NOWHERE_KNOWN, OSLO, bytes_of, write_countries

KEEPING, OTHER = 7, 8


@pytest.fixture
def countries(tmp_path: Path) -> Countries:
    """The countries of the tests."""
    return Countries(write_countries(tmp_path / "countries.mmdb"))


@pytest.mark.parametrize(
    ("keeping", "maps", "address", "country"),
    [
        (KEEPING, True, BERLIN, "DE"),
        (KEEPING, False, BERLIN, ""),
        (OTHER, True, None, "DE"),
        (OTHER, False, None, ""),
        (None, True, None, "DE"),
        (None, False, None, ""),
    ],
)
def test_a_record_says_what_the_table_allows(
    countries: Countries, keeping: int | None, maps: bool, address: str | None, country: str
) -> None:
    """The account's word decides on the address, the operator's file on the country."""
    keepers = Keepers(lambda: 0.0)
    keepers.know([KEEPING], asked_at=0.0)
    places = Places(Trusted(), keepers, countries if maps else None)

    said = places.of(bytes_of(BERLIN), keeping)

    assert said == packed_whereabouts(None if address is None else bytes_of(address), country)


def test_a_proxy_of_ours_is_nowhere(countries: Countries) -> None:
    """Where it stands says nothing of whom it serves."""
    keepers = Keepers(lambda: 0.0)
    keepers.know([KEEPING], asked_at=0.0)

    assert (
        Places(Trusted([ip_network("203.0.113.0/24")]), keepers, countries).of(bytes_of(BERLIN), KEEPING)
        == NOWHERE
    )


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"country": {"iso_code": "FR", "names": {"en": "France"}}}, "FR"),
        ({"country_code": "FR", "country": "France"}, "FR"),
        ({"country": "FR"}, "FR"),
        ({"country": "France"}, ""),
        ({"country": {"iso_code": "fr"}}, ""),
        ({"registered_country": {"iso_code": "FR"}}, ""),
        ("FR", ""),
    ],
)
def test_forms_of_records_are_understood_or_say_nothing(tmp_path: Path, record: object, country: str) -> None:
    """Two capital letters where files have them; whatever else they hold is passed over."""
    found = Countries(write_countries(tmp_path / "one.mmdb", {"203.0.113.0/24": record}))

    assert found.country(bytes_of(BERLIN)) == country


def test_an_address_that_a_file_does_not_know_has_no_country(countries: Countries, tmp_path: Path) -> None:
    """Also one of IPv6 in a file of IPv4."""
    writer = MMDBWriter(ip_version=4, database_type="Test-Country")
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": "DE"})
    writer.to_db_file(str(tmp_path / "four.mmdb"))
    four = Countries(tmp_path / "four.mmdb")

    assert [countries.country(bytes_of(each)) for each in (BERLIN, OSLO, NOWHERE_KNOWN)] == ["DE", "NO", ""]
    assert [four.country(bytes_of(each)) for each in (BERLIN, OSLO)] == ["DE", ""]
    assert packed_address(f"::ffff:{BERLIN}") == bytes_of(BERLIN)


def test_a_damaged_file_is_found_out_or_says_nothing(tmp_path: Path) -> None:
    """Cut short, it is no database; with its middle overwritten, no look-up fails."""
    whole = write_countries(tmp_path / "whole.mmdb").read_bytes()
    (tmp_path / "short.mmdb").write_bytes(whole[:40])
    (tmp_path / "odd.mmdb").write_bytes(whole[:30] + b"\xff" * 60 + whole[90:])

    with pytest.raises(CountriesUnreadable):
        Countries(tmp_path / "short.mmdb")

    odd = Countries(tmp_path / "odd.mmdb")
    assert odd.country(bytes_of(BERLIN)) in {"", "DE"}
