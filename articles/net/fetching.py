"""Fetch a picture from an unknown server, or tell a hub something. Either may be hostile: nothing else goes out.

A host name is looked up once, all its addresses must be public, and the connection goes to one of these. Redirects
are checked in the same way. There are no proxies, cookies or passwords, and one deadline holds for everything,
however slowly a server answers.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    """Says in one sentence, for a person, why there is no picture, or why a hub was not told."""


@dataclass(frozen=True)
class Limits:
    size: int = 10_000_000  # bytes of the body
    seconds: float = 10  # for the whole fetch, redirects included
    redirects: int = 3
    ports: frozenset[int] = frozenset(PORTS.values())
    allowed: frozenset[tuple[str, int]] = frozenset()  # addresses and ports that need not be public


@dataclass(frozen=True)
class Fetched:
    data: bytes
    content_type: str
    final_url: str


DEFAULT = Limits()


def fetch(url: str, limits: Limits = DEFAULT) -> Fetched:
    """Return the picture at an address. Raises FetchError, and nothing else."""
    with _until(limits) as deadline:
        for _ in range(limits.redirects + 1):
            with _asked("GET", url, limits, deadline) as response:
                answer = _read(response, url, limits)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
    raise FetchError(f"It redirects more than {limits.redirects} times.")


def post(url: str, form: bytes, limits: Limits = DEFAULT) -> None:
    """Send a form to an address that the site's owner chose. Raises FetchError, and nothing else, unless it is taken.

    The owner may choose any port, and this machine or a private one by its IP address or as `localhost`; a name that
    leads there is refused. No redirect is followed, and nothing of the answer but its status is read.
    """
    with _until(limits) as deadline, _asked("POST", url, _chosen(url, limits), deadline, form) as response:
        if not 200 <= response.status < 300:
            raise FetchError(f"The server answered with status {response.status}.")


@contextmanager
def _until(limits: Limits) -> Iterator[float]:
    """Give the deadline of what is done within, and turn what goes wrong there into a FetchError."""
    deadline = monotonic() + limits.seconds
    try:
        yield deadline
    except (OSError, http.client.HTTPException, ValueError) as error:
        if monotonic() >= deadline:
            raise FetchError(f"It took longer than {limits.seconds:g} seconds.") from error
        raise FetchError(f"The server could not be talked to: {error or type(error).__name__}.") from error


def _chosen(url: str, limits: Limits) -> Limits:
    """Return limits that allow the port of an address, and its host if that is an IP address or this machine."""
    parts = _checked(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        hosts = ["127.0.0.1", "::1"] if host == "localhost" else [str(ipaddress.ip_address(host))]
    except ValueError:
        hosts = []
    allowed = limits.allowed | {(address, port) for address in hosts}
    return replace(limits, ports=limits.ports | {port}, allowed=allowed)


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet, and on no private network."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id or ip.ipv4_mapped or ip in NAT64:
            return not ip.scope_id and is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in REFUSED)


@contextmanager
def _asked(
    method: str, url: str, limits: Limits, deadline: float, form: bytes | None = None
) -> Iterator[http.client.HTTPResponse]:
    """Give a server's response to a request, whose body is not read yet."""
    parts = _checked(url)
    secure = parts.scheme == "https"
    host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii").decode()
    port = parts.port or PORTS[parts.scheme]
    addresses = _addresses(host, port, limits, deadline)
    connection = _Connection(host, port, lambda: _connected(addresses, host if secure else None, deadline))
    headers = _HEADERS if form is None else _FORM_HEADERS
    try:
        connection.request(method, _target(parts), form, {**headers, "Host": _host_header(host, parts.port)})
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


_HEADERS = {"Accept": "image/avif,image/webp,image/*", "Accept-Encoding": "identity", "User-Agent": "Newsroom"}
_FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Newsroom"}


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
        if port not in limits.ports:
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
