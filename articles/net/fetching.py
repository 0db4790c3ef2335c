"""Fetch a picture from an unknown server, which may be hostile.

A host name is looked up once, all its addresses must be public, and the connection goes to one of these. Redirects
are checked in the same way. There are no proxies, cookies or passwords, and one deadline holds for everything,
however slowly a server answers.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
PICTURE_TYPES = ("image/avif", "image/gif", "image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/webp")
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK_BYTES = 65_536
NAT64 = ipaddress.ip_network("64:ff9b::/96")
UNICAST = ipaddress.ip_network("2000::/3")  # all public addresses of IPv6 are in it
REFUSED = [  # not public, though `is_global` of some Python version says so
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "2001::/23", "2002::/16", "3fff::/20")
]
Address = tuple[socket.AddressFamily, Any]


class FetchError(Exception):
    """Says in one sentence, for a person, why there is no picture."""


@dataclass(frozen=True)
class Limits:
    size: int = 10_000_000  # bytes of the body
    seconds: float = 10  # for the whole fetch, redirects included
    redirects: int = 3
    allowed: frozenset[tuple[str, int]] = frozenset()  # for tests: addresses and ports that need not be public


@dataclass(frozen=True)
class Fetched:
    data: bytes
    content_type: str
    final_url: str


DEFAULT = Limits()


def fetch(url: str, limits: Limits = DEFAULT) -> Fetched:
    """Return the picture at an address. Raises FetchError, and nothing else."""
    deadline = monotonic() + limits.seconds
    try:
        for _ in range(limits.redirects + 1):
            answer = _ask(url, limits, deadline)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if monotonic() >= deadline:
            raise FetchError(f"It took longer than {limits.seconds:g} seconds.") from error
        raise FetchError(f"The server could not be talked to: {error or type(error).__name__}.") from error
    raise FetchError(f"It redirects more than {limits.redirects} times.")


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet, and on no private network."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id or ip.ipv4_mapped or ip in NAT64:
            return not ip.scope_id and is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in REFUSED)


def _ask(url: str, limits: Limits, deadline: float) -> Fetched | str:
    """Return the picture, or the address that the server redirects to."""
    parts = _checked(url)
    secure = parts.scheme == "https"
    host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii").decode()
    port = parts.port or PORTS[parts.scheme]
    addresses = _addresses(host, port, limits, deadline)
    connection = _Connection(host, port, lambda: _connected(addresses, host if secure else None, deadline))
    try:
        connection.request("GET", _target(parts), headers={**_HEADERS, "Host": _host_header(host, parts.port)})
        with connection.getresponse() as response:
            return _read(response, url, limits)
    finally:
        connection.close()


_HEADERS = {"Accept": "image/avif,image/webp,image/*", "Accept-Encoding": "identity", "User-Agent": "Newsroom"}


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url.strip())
    if parts.scheme not in PORTS:
        raise FetchError(f"Expected an http or https address, found {url[:100]!r}.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("Its address holds a user's name, which is not sent.")
    if not parts.hostname:
        raise FetchError("Its address names no server.")
    return parts


def _target(parts: SplitResult) -> str:
    """Return path and query, percent-encoded. What is encoded already stays as it is."""
    path, query = (quote(text, safe="!$%&'()*+,/:;=?@~[]") for text in (parts.path or "/", parts.query))
    return f"{path}?{query}" if query else path


def _host_header(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


def _addresses(host: str, port: int, limits: Limits, deadline: float) -> list[Address]:
    """Return the checked addresses of a host. Nothing is looked up after this."""
    found = [(family, target) for family, _, _, _, target in _looked_up(host, port, deadline)]
    for _, target in found:
        if (target[0], port) in limits.allowed:
            continue
        if not is_public(target[0]):
            raise FetchError(f"{host} leads to {target[0]}, which is not a public address.")
        if port not in PORTS.values():
            raise FetchError(f"Expected port 80 or 443, found {port}.")
    return found


def _looked_up(host: str, port: int, deadline: float) -> list[Any]:
    """Return what `getaddrinfo` finds. It runs in a thread, because it has no timeout."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise FetchError(f"There is no server named {host[:100]}.")
    return list(found[0])


def _left(deadline: float) -> float:
    """Return the seconds until a deadline: never 0, which makes a socket non-blocking. Raises TimeoutError."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("time is over")
    return left


class _Timed:
    """Makes every read of a socket end at its deadline."""

    deadline: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.deadline))  # type: ignore[attr-defined]
        return super().recv_into(*arguments)  # type: ignore[misc]


class _Socket(_Timed, socket.socket):
    pass


class _SecureSocket(_Timed, ssl.SSLSocket):
    pass


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _SecureSocket
    return context


def _connected(addresses: list[Address], secure_host: str | None, deadline: float) -> socket.socket:
    """Return a connection to the first address that answers, with TLS if `secure_host` names the server."""
    problem: OSError = OSError("it has no address")
    for family, target in addresses:
        link = _Socket(family, socket.SOCK_STREAM)
        try:
            link.deadline = deadline
            link.settimeout(_left(deadline))
            link.connect(target)
            return _secured(link, secure_host, deadline) if secure_host else link
        except OSError as error:
            link.close()
            problem = error
    raise problem


def _secured(link: socket.socket, host: str, deadline: float) -> socket.socket:
    link.settimeout(_left(deadline))
    secured = _context().wrap_socket(link, server_hostname=host)
    secured.deadline = deadline  # type: ignore[attr-defined]
    return secured


class _Connection(http.client.HTTPConnection):
    """Speaks HTTP over a connection that `connected` makes."""

    def __init__(self, host: str, port: int, connected: Callable[[], socket.socket]) -> None:
        super().__init__(host, port)
        self._connected = connected

    def connect(self) -> None:
        self.sock = self._connected()


def _read(response: http.client.HTTPResponse, url: str, limits: Limits) -> Fetched | str:
    if response.status in REDIRECTS and response.headers["Location"]:
        return str(response.headers["Location"])
    if response.status != 200:
        raise FetchError(f"The server answered with status {response.status}.")
    kind = response.headers.get_content_type()
    if kind not in PICTURE_TYPES:
        raise FetchError(f"Expected a picture, found {kind[:100]!r}.")
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise FetchError("It is compressed, which was not asked for.")
    return Fetched(_body(response, limits.size), kind, url)


def _body(response: http.client.HTTPResponse, size: int) -> bytes:
    too_large = FetchError(f"It is larger than {size:,} bytes.")
    if (response.length or 0) > size:
        raise too_large
    body = bytearray()
    while part := response.read(CHUNK_BYTES):
        body += part
        if len(body) > size:
            raise too_large
    if response.length:
        raise FetchError("The response was truncated.")
    return bytes(body)
