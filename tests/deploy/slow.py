"""Clients that are slow in one way or another: python -m tests.deploy.slow ADDRESS KIND [--clients N] [--seconds N]"""

import argparse
import contextlib
import functools
import selectors
import socket
import ssl
import statistics
import sys
import time
import urllib.request
from urllib.parse import urlsplit

HEAD = "{} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-Proto: https\r\nUser-Agent: slow\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
# By name: what a client sends at once, what it sends a byte at a time, and whether it reads a byte at a time.
KINDS = {
    "silent": ("", "", False),
    "slow headers": (HEAD.format("GET /", "{host}"), "X-Slow: " + "s" * 1000, False),
    "a slow request line": ("", "GET /" + "s" * 1000, False),
    "a slow body": (
        HEAD.format("POST /newsletter/", "{host}") + FORM + "Content-Length: 60000\r\n\r\nemail=",
        "s" * 1000,
        False,
    ),
    "a slow log-in": (
        HEAD.format("POST /admin/login/", "{host}") + FORM + "Content-Length: 60000\r\n\r\n",
        "s" * 1000,
        False,
    ),
    "a slow upload": (
        HEAD.format("POST /admin/articles/image/add/", "{host}") + FORM + "Content-Length: 9000000\r\n\r\n",
        "s" * 1000,
        False,
    ),
    "a slow body in chunks": (
        HEAD.format("POST /newsletter/", "{host}") + FORM + "Transfer-Encoding: chunked\r\n\r\n",
        "5\r\nemail\r\n" * 100,
        False,
    ),
    "slow reading": (HEAD.format("GET /static/fonts/inter.woff2", "{host}") + "\r\n", "", True),
    "no reading": (HEAD.format("GET /static/fonts/inter.woff2", "{host}") + "\r\n", "", False),
    "no close after an answer": (
        HEAD.format("GET /robots.txt", "{host}") + "Connection: close\r\n\r\n",
        "",
        False,
    ),
}


def open_slow(address: tuple[str, int], host: str, kind: str, tls: bool) -> tuple[socket.socket, str, bool]:
    """Connect a slow client. It reads nothing yet, and its window is as small as it gets."""
    at_once, slowly, reads = KINDS[kind]
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    client.settimeout(20)
    client.connect(address)
    if tls:
        client = unchecked().wrap_socket(client, server_hostname=host)
    client.sendall(at_once.replace("{host}", host).encode())
    return client, slowly, reads


@functools.cache
def unchecked() -> ssl.SSLContext:
    """TLS with a server whose certificate nobody signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def attack(url: str, host: str, kind: str, clients: int, seconds: float) -> list[float]:
    """Hold so many slow clients open, and return how long each reader beside them waited, in seconds."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme])
    opened = [open_slow(address, host, kind, parts.scheme == "https") for _ in range(clients)]
    waits = []
    started = time.monotonic()
    try:
        for turn in range(1000):
            for client, slowly, reads in opened:
                move(client, slowly[turn : turn + 1], reads)
            waits.append(read_page(url, host))
            if time.monotonic() > started + seconds:
                return waits
            time.sleep(0.2)
    finally:
        for client, *_ in opened:
            client.close()
    return waits


def move(client: socket.socket, byte: str, reads: bool) -> None:
    """Send or read one byte, if the server still lets it."""
    with contextlib.suppress(OSError):
        if byte:
            client.sendall(byte.encode())
        elif reads and is_readable(client):
            client.recv(1)


def is_readable(client: socket.socket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ)
        return bool(selector.select(0))


def read_page(url: str, host: str) -> float:
    """Read the front page as a reader does, and return the seconds it took. Raises OSError after 10 s."""
    request = urllib.request.Request(f"{url}/", headers={"Host": host, "X-Forwarded-Proto": "https"})
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=10, context=unchecked()) as answer:
        answer.read()
    return time.monotonic() - started


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("kind", nargs="*", default=list(KINDS))
    arguments.add_argument("--host", default="localhost")
    arguments.add_argument("--clients", type=int, default=200)
    arguments.add_argument("--seconds", type=float, default=3)
    options = arguments.parse_args()
    print(f"{read_page(options.url, options.host):.3f} s alone")
    failed = False
    for kind in options.kind:
        try:
            waits = attack(options.url, options.host, kind, options.clients, options.seconds)
            print(f"{options.clients} x {kind}: median {statistics.median(waits):.3f} s, worst {max(waits):.3f} s")
        except OSError as error:
            failed = True
            print(f"{options.clients} x {kind}: a reader got no page ({error})")
    sys.exit(failed)


if __name__ == "__main__":
    main()
