"""Slow clients take no reader's place."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.browser.server import add_samples, free_port, new_site, served
from tests.deploy.slow import KINDS, attack
from tests.paths import ROOT

pytestmark = pytest.mark.slow
HOST = "127.0.0.1"
CLIENTS = 200  # more than the server has threads, many times


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = new_site(tmp_path_factory.mktemp("site"))
    add_samples(site)
    with served(site):
        yield site


@pytest.mark.attack(9)
@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_do_not_stop_gunicorn(site, kind):
    waits = attack(site.url, HOST, kind, CLIENTS, seconds=1)

    assert max(waits) < 5


def talk(site, request):
    """Send bytes in one go, and return all that comes back until the server closes."""
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(request)
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


@pytest.mark.attack(9)
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"GET /" + b"a" * 70_000, b"414", id="a line without end"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, b"431", id="a header without end"),
        pytest.param(
            b"POST /newsletter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n",
            b"4",
            id="a body longer than any",
        ),
        pytest.param(
            b"POST /newsletter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n0\r\n\r\n",
            b"4",
            id="a chunk of no size",
        ),
        pytest.param(
            b"POST /newsletter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n0\r\n\r\n",
            b"4",
            id="a chunk that is not whole",
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"400", id="TLS on a port without it"),
    ],
)
def test_a_request_that_cannot_be_whole_is_refused_at_once(site, request_, status):
    started = time.monotonic()

    answer = talk(site, request_)

    assert answer.split(b" ", 1)[1].startswith(status)
    assert time.monotonic() < started + 10


def test_a_client_that_sends_two_requests_at_once_gets_the_first_answer(site):
    answer = talk(site, b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2)

    assert answer.count(b"HTTP/1.1 200") == 1


def test_a_connection_is_kept_for_the_next_request(site):
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        for _ in range(3):
            client.sendall(b"HEAD /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

            assert client.recv(65536).startswith(b"HTTP/1.1 200")


def test_chunks_that_come_in_pieces_are_waited_for(site):
    head = b"POST /display/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        for data in (head, b"7\r\nnext=", b"/&\r\n", b"0\r\n", b"\r\n"):
            client.sendall(data)
            time.sleep(0.05)

        assert client.recv(65536).split()[1] in (b"302", b"303", b"400", b"403")  # an answer, and no waiting


def test_a_body_that_comes_in_many_pieces_arrives_whole(site):
    fields = b"next=/&" + b"x=1&" * 10_000
    head = (
        b"POST /display/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(fields)
    )
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        for data in (head[:10], head[10:], fields[:20_000], fields[20_000:]):
            client.sendall(data)
            time.sleep(0.05)

        assert client.recv(65536).split()[1] in (b"302", b"303", b"400", b"403")  # Django read it and answered


@pytest.mark.parametrize("length", ["Content-Length: 99999999", "Content-Length: 99999999999999999999"])
def test_the_rest_of_a_body_that_is_too_long_is_not_taken_for_a_request(site, length):
    head = f"POST /newsletter/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n"

    answer = talk(site, head.encode() + b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"HTTP/1.1 200" not in answer


def test_workers_end_soon_though_clients_wait(site, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", address, "--workers", "1"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stderr=log)
    deadline = time.monotonic() + 60
    while "Booting worker" not in (tmp_path / "log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(2)
    with socket.create_connection(tuple(address.split(":")), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=25) == 0
