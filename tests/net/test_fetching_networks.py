"""Fetching where names lie: in a network of its own, with a public side, a private side and a DNS server that changes
its mind. What each side sees is counted by the servers themselves."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.attack(8),
    pytest.mark.slow,
    pytest.mark.skipif(
        os.name != "posix" or os.geteuid() != 0 or shutil.which("ip") is None,
        reason="It needs root and `ip` (iproute2), to make a network of its own.",
    ),
]
PUBLIC, PRIVATE, IPV6 = "93.184.216.34", "10.9.8.7", "fd00::7"

# Serves DNS on 127.0.0.1:53 and HTTP on port 80 of every address, counts the connections of each, fetches one address
# and prints [outcome, connections by address, questions].
PLAY = r"""
import http.server, json, socket, sys, threading
from collections import Counter
sys.path.insert(0, ".")
from articles.net.fetching import FetchError, Limits, fetch
from tests.picture_server import good

PUBLIC, PRIVATE, IPV6 = sys.argv[2:5]
NAMES = {  # by name and type: what the first answer and all the later ones are
    "good.example": {1: [[PUBLIC], [PUBLIC]]},
    "rebinds.example": {1: [[PUBLIC], [PRIVATE]]},
    "rebinds-to-us.example": {1: [[PUBLIC], ["127.0.0.1"]]},
    "private.example": {1: [[PRIVATE], [PRIVATE]]},
    "mixed.example": {1: [[PUBLIC, PRIVATE], [PUBLIC, PRIVATE]]},
    "mixed-families.example": {1: [[PUBLIC], [PUBLIC]], 28: [[IPV6], [IPV6]]},
    "mapped.example": {28: [["::ffff:" + PRIVATE], ["::ffff:" + PRIVATE]]},
}
PATHS = {
    "/to-private": f"http://{PRIVATE}/x",
    "/to-private-name": "http://private.example/x",
    "/to-rebinding": "http://rebinds.example/x",
    "/to-ipv6": f"http://[{IPV6}]/x",
    "/to-us": "http://127.0.0.1/x",
}
opened, asked = Counter(), Counter()

def dns():
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind(("127.0.0.1", 53))
    ready.release()
    while True:
        data, client = link.recvfrom(512)
        labels, place = [], 12
        while data[place]:
            labels.append(data[place + 1 : place + 1 + data[place]].decode())
            place += 1 + data[place]
        kind = int.from_bytes(data[place + 1 : place + 3], "big")
        name = ".".join(labels)
        answers = NAMES.get(name, {}).get(kind, [[], []])[min(asked[name, kind], 1)]
        asked[name, kind] += 1
        body = data[:2] + b"\x85\x80\0\1" + len(answers).to_bytes(2, "big") + b"\0\0\0\0" + data[12 : place + 5]
        for address in answers:
            raw = socket.inet_pton(socket.AF_INET if kind == 1 else socket.AF_INET6, address)
            body += b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1\0\0\0\0" + len(raw).to_bytes(2, "big") + raw
        link.sendto(body, client)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302 if self.path in PATHS else 200)
        if self.path in PATHS:
            self.send_header("Location", PATHS[self.path])
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.wfile.write(b"" if self.path in PATHS else good())

    def log_message(self, *arguments):
        pass

class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        opened[self.server_address[0]] += 1
        return super().get_request()

class Server6(Server):
    address_family = socket.AF_INET6

ready = threading.Semaphore(0)
threading.Thread(target=dns, daemon=True).start()
ready.acquire()
for address in (PUBLIC, PRIVATE, "127.0.0.1", IPV6):
    server = (Server6 if ":" in address else Server)((address, 80), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
said = []
for url in json.loads(sys.argv[1]):
    try:
        said.append(len(fetch(url, Limits(seconds=8)).data) > 100)
    except FetchError as error:
        said.append(str(error))
if len(sys.argv) > 5:  # that the other side can be reached, and is counted
    socket.create_connection((PRIVATE, 80), 5).close()
    import time
    time.sleep(0.5)
print(json.dumps([said, opened, [[*key, count] for key, count in asked.items()]]))
"""


@pytest.fixture
def play():
    """Fetches addresses in a network that has nothing but itself: what came of each, connections by address, and the
    questions that DNS was asked."""
    name = f"newsroom-{secrets.token_hex(4)}"
    folder = Path("/etc/netns") / name

    def ip(*arguments):
        subprocess.run(["ip", "-n", name, *arguments], check=True)

    def run(*urls, **options):
        command = [sys.executable, "-c", PLAY, json.dumps(urls), PUBLIC, PRIVATE, IPV6, *options.get("more", [])]
        command = ["ip", "netns", "exec", name, *command]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
        said, opened, asked = json.loads(done.stdout)
        return said, opened, {(domain, kind): count for domain, kind, count in asked}

    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        (folder / "nsswitch.conf").write_text("hosts: files dns\n")
        ip("link", "set", "lo", "up")
        for address in (f"{PUBLIC}/32", f"{PRIVATE}/32", f"{IPV6}/128"):
            ip("address", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
        yield run
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)
        shutil.rmtree(folder)
        with suppress(OSError):
            folder.parent.rmdir()


def test_a_public_name_is_fetched_and_connections_are_counted(play):
    said, opened, _ = play("http://good.example/x", more=["and the private side"])

    assert said == [True]
    assert opened == {PUBLIC: 1, PRIVATE: 1}


@pytest.mark.parametrize("name", ["private", "mixed", "mixed-families", "mapped"])
def test_a_host_with_one_private_address_is_not_connected_to(play, name):
    said, opened, _ = play(f"http://{name}.example/x")

    assert "not a public address" in said[0]
    assert opened == {}


@pytest.mark.parametrize("name", ["rebinds", "rebinds-to-us"])
def test_a_host_is_looked_up_once_for_a_connection(play, name):
    said, opened, asked = play(f"http://{name}.example/x", f"http://{name}.example/x")

    assert said[0] is True
    assert "not a public address" in said[1]
    assert opened == {PUBLIC: 1}
    assert asked[f"{name}.example", 1] == 2


@pytest.mark.parametrize("path", ["to-private", "to-private-name", "to-ipv6", "to-us"])
def test_a_redirect_to_a_private_address_is_not_followed(play, path):
    said, opened, _ = play(f"http://good.example/{path}")

    assert "not a public address" in said[0]
    assert opened == {PUBLIC: 1}


def test_a_redirect_to_a_rebinding_host_never_reaches_a_private_address(play):
    said, opened, _ = play("http://good.example/to-rebinding", "http://good.example/to-rebinding")

    assert said[0] is True
    assert "not a public address" in said[1]
    assert opened == {PUBLIC: 3}
