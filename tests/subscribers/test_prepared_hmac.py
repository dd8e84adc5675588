import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.prepared_hmac import prepared, sealer


@given(st.binary(max_size=64), st.lists(st.binary(max_size=200), max_size=5))
def test_a_prepared_key_gives_what_the_standard_library_gives(key, messages):
    hmac_of = prepared(key)
    assert [hmac_of(each).digest() for each in messages] == [
        hmac.digest(key, each, "sha256") for each in messages
    ]


@given(st.binary(max_size=64), st.lists(st.binary(max_size=200), max_size=5))
def test_sealed_messages_end_with_the_beginning_of_what_the_standard_library_gives(key, messages):
    assert sealer(key, 16)(messages) == [each + hmac.digest(key, each, "sha256")[:16] for each in messages]


def test_a_key_longer_than_the_block_is_refused():
    with pytest.raises(ValueError, match="65 bytes"):
        prepared(b"k" * 65)
