"""The list of Temporals that may be connected by who does not manage the installation."""

import pytest

from watchglass.model.connection import ConnectionSettings
from watchglass.temporal.temporal_hosts import TemporalHosts

LIST = "Temporal.Example:7233, *.inside.example, 10.0.0.7, [fd00::7]:7233"


def allowed(text: str, address: str, http_address: str | None = None) -> bool:
    return TemporalHosts.read(text).allow(ConnectionSettings(address, "default", http_address=http_address))


@pytest.mark.parametrize("address", ["shop.a1b2c.tmprl.cloud:7233", "us-east-1.aws.api.temporal.io:7233"])
def test_temporal_cloud_is_on_the_list_of_who_writes_none(address: str) -> None:
    assert allowed("", address) and not allowed(LIST, address)


@pytest.mark.parametrize("address", ["127.0.0.1:7233", "tmprl.cloud.example:7233", "tmprl.cloud:7233", "[::1]:7233"])
def test_nothing_else_is(address: str) -> None:
    assert not allowed("", address)


@pytest.mark.parametrize(
    ("address", "http_address", "is_allowed"),
    [
        ("temporal.example:7233", None, True),
        ("TEMPORAL.example.:7233", None, True),
        ("temporal.example:7234", None, False),
        ("a.inside.example:1", None, True),
        ("10.0.0.7:7233", None, True),
        ("[fd00::7]:7233", None, True),
        ("[fd00::8]:7233", None, False),
        ("10.0.0.7:7233", "http://10.0.0.7:7243", True),
        ("10.0.0.7:7233", "http://10.0.0.8:7243", False),
        ("10.0.0.7:7233", "https://a.inside.example", True),
        ("10.0.0.8:7233", "https://a.inside.example", False),
    ],
)
def test_both_addresses_are_held_against_it(address: str, http_address: str | None, is_allowed: bool) -> None:
    assert allowed(LIST, address, http_address) is is_allowed
