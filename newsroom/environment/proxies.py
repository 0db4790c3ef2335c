"""The proxies in front of the site."""

from ipaddress import ip_network

from .values import bad_value, names

SOCKET = "unix"  # whoever connects through a Unix socket: it has no address


def proxies(name: str) -> list[str]:
    """Return the addresses and networks whose word about clients is believed, and SOCKET if sockets' is."""
    found = names(name, "")
    for proxy in found:
        try:
            valid = proxy == SOCKET or ip_network(proxy).prefixlen > 0
        except ValueError:
            valid = False
        if not valid:
            raise bad_value(name, "addresses and networks such as 127.0.0.1,10.0.0.0/8, or unix", repr(proxy))
    return found
