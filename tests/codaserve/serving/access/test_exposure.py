import pytest

from codaserve.configuration import ConfigurationError
from codaserve.serving.access.exposure import is_loopback, refuse_open, refuse_open_metrics


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_loopback_needs_no_lock(host: str) -> None:
    assert is_loopback(host)
    refuse_open(host, locked=False, allowed=False)
    refuse_open_metrics(host, allowed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "scorer.example", ""])
def test_other_addresses_need_a_lock_or_somebodys_word(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ConfigurationError, match=r"tokens.*tls.*insecure_public"):
        refuse_open(host, locked=False, allowed=False)
    refuse_open(host, locked=True, allowed=False)
    refuse_open(host, locked=False, allowed=True)
    with pytest.raises(ConfigurationError, match=r"metrics\.host.*metrics\.insecure_public"):
        refuse_open_metrics(host, allowed=False)
    refuse_open_metrics(host, allowed=True)
