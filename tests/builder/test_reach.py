from ipaddress import ip_address, ip_network

import pytest

from watchglass.builder.reach import AddressRefused, HostUnknown, Reach

INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not Reach().allows(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert Reach().allows(ip_address(address))


def test_what_owners_allow_is_allowed() -> None:
    reach = Reach((ip_network("10.1.0.0/16"), ip_network("fd00::/8")))
    assert reach.allows(ip_address("10.1.2.3"))
    assert reach.allows(ip_address("::ffff:10.1.2.3"))
    assert reach.allows(ip_address("fd12::1"))
    assert not reach.allows(ip_address("10.2.0.1"))


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433", "\uff11\uff12\uff17.0.0.1", "[::1]"])
async def test_other_ways_to_write_this_machine_lead_to_the_same_refusal(host: str) -> None:
    with pytest.raises((AddressRefused, HostUnknown)):
        await Reach().address_of(host, 80)


async def test_what_the_sentence_names_is_what_would_be_allowed() -> None:
    with pytest.raises(AddressRefused, match=r"for instance 10\.0\.0\.1/32\."):
        await Reach().address_of("::ffff:10.0.0.1", 80)
    assert Reach((ip_network("10.0.0.1/32"),)).allows(ip_address("::ffff:10.0.0.1"))


async def test_the_sentence_says_how_to_allow_it() -> None:
    with pytest.raises(AddressRefused) as refused:
        await Reach().address_of("127.0.0.1", 80)
    assert refused.value.message == (
        "127.0.0.1 is no public address, and this project does not allow it. "
        "An owner can allow its network on the page Components, for instance 127.0.0.1/32."
    )


async def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(HostUnknown, match=r"The name nobody\.invalid leads to no address"):
        await Reach().address_of("nobody.invalid", 80)
