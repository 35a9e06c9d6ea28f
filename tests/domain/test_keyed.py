"""A key that is hashed once gives the codes of HMAC."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from app.domain.keyed import keyed


@given(key=st.binary(max_size=100), messages=st.lists(st.binary(max_size=200), max_size=3))
def test_codes_are_those_of_hmac(key: bytes, messages: list[bytes]) -> None:
    """For short and long keys, and however many messages go before."""
    code = keyed(key)

    assert [code(each) for each in messages] == [hmac.digest(key, each, "sha256") for each in messages]
