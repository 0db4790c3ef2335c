"""Who sent a request: the address of the client, whatever it says of itself."""

import logging
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from newsroom.environment import SOCKET

MAX_PROXIES = 20  # entries of X-Forwarded-For that are looked at, from its end
MAX_ENTRY = 60  # characters: an address has at most 39, a port and brackets 8
SHARED = 64  # bits of an IPv6 address that are the network's: a computer may use all addresses of its own

log = logging.getLogger("newsroom.clients")


def client_address(request: HttpRequest) -> str:
    """Return the address of the computer that sent a request; "" if it is not known.

    X-Forwarded-For is believed only from NEWSROOM_TRUSTED_PROXIES: from its end on, the first entry that is none of
    them is the client. What is no address ends the search, so the proxy that passed it on stands for its client.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    found = _parsed(peer)
    if not _is_trusted(found, bool(peer)):
        _warn_of_proxy(found, request)
        return str(found or "")
    for entry in reversed(request.headers.get("X-Forwarded-For", "").rsplit(",", MAX_PROXIES)[-MAX_PROXIES:]):
        address = _parsed(entry)
        if address is None:
            break
        found = address
        if not _is_trusted(found, True):
            break
    return str(found or "")


def counted(address: str) -> str:
    """Return as what an address is counted: an IPv6 one as its network, since it is one of many of its computer."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, SHARED), strict=False))
    return str(parsed or "unknown")


def from_other_site(request: HttpRequest) -> bool:
    """Return whether a browser says that a page of another site made it send this request.

    For forms that need no cookie, and so have no token. Programs that say nothing are no browsers.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site not in ("", "same-origin", "none"):
        return True
    origin = request.headers.get("Origin", "").lower()
    if not origin or (origin == "null" and site):
        return False
    return origin not in (f"{request.scheme}://{request.get_host()}", settings.NEWSROOM_BASE_URL)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, without its port and scope, as IPv4 if it is one in an IPv6 form; None if it is none."""
    text = text.strip()
    if len(text) > MAX_ENTRY:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_trusted(address: IPv4Address | IPv6Address | None, is_named: bool) -> bool:
    """Return whether an address is a trusted proxy's. A Unix socket's peer has no address, not even a wrong one."""
    trusted = tuple(settings.NEWSROOM_TRUSTED_PROXIES)
    if address is None:
        return not is_named and SOCKET in trusted
    return any(address in network for network in _networks(trusted))


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(proxy) for proxy in trusted if proxy != SOCKET]


@lru_cache(maxsize=8)
def _warn_once(peer: str) -> None:
    log.warning(
        "A proxy at %s names its clients in X-Forwarded-For, but NEWSROOM_TRUSTED_PROXIES does not name the proxy: "
        "all its clients count as one.",
        peer,
    )


def _warn_of_proxy(peer: IPv4Address | IPv6Address | None, request: HttpRequest) -> None:
    """Tell whoever runs the site of a proxy that was forgotten. A stranger's header is not worth a word."""
    if "X-Forwarded-For" in request.headers and (peer is None or peer.is_private):
        _warn_once(str(peer or "a Unix socket"))
