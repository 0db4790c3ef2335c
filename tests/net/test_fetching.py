"""Fetching from servers that may be slow, broken or hostile, and never from one that is not public."""

import json
import subprocess
import sys

import pytest

from articles.net.fetching import FetchError, Limits, fetch, is_public
from tests.paths import ROOT
from tests.picture_server import BAD, good, serving

FORMS = [  # of addresses that are somebody's own
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:0:0:0:0:80ff:fffe]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[ff02::1]/",
    "http://[fec0::1]/",
    "https://127.0.0.1/",
    "http://127.0.0.1:22/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://127\u3002\u0030.0.1/",
    "http://user@127.0.0.1/",
    "http://example.org@127.0.0.1/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "//127.0.0.1/",
    "/logo.png",
    "http://",
    "http:///a",
    "http://[",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:x/",
    "http://a\x00b/",
    "http://127.0.0.1\r\nX: y/",
    " ",
    "http://" + "a" * 300 + ".example/",
    "http://.../",
    "http://127.0.0.1./",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://017700000001/",
    "http://0x7f.0.0.0x1/",
    "http://00000177.1/",
    "http://127.0.0.1%00.example/",
    "http://127.0.0.1#@example.org/",
    "http://127.0.0.1?@example.org/",
    "http://127.0.0.1\\@example.org/",
    "http:\\\\127.0.0.1\\",
    "http:127.0.0.1",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::1%25eth0]/",
    "http://[100::1]/",
    "http://[3fff::1]/",
    "http://[2002:a00:1::]/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://192.88.99.1/",
    "https://169.254.169.254/",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
]
HOSTS = [  # that lead to this machine, and are neither its name nor an IP address
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0",
    "localhost.",
    "\uff11\uff12\uff17.0.0.1",
    "user@127.0.0.1",
]
COUNT = """
import json, sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(repr(arguments[1])) if event == "socket.connect" else None)
from articles.net.fetching import FetchError, Limits, fetch
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 9))  # that the count works
said = {}
for url in json.load(sys.stdin):
    try:
        fetch(url, Limits(seconds=5))
    except FetchError as error:
        said[url] = str(error)
print(json.dumps([opened, said]))
"""


def class_of(name):
    """Return the class of attacks of a bad answer: where it leads to, or what it is."""
    return 8 if name.startswith("to ") else 9


def limits_for(server, reason):
    """Return limits of half a second where time is to run out, else of more than a busy machine takes."""
    return Limits(seconds=0.5 if reason == "longer than" else 60, allowed=server.allowed)


@pytest.fixture(scope="module")
def tried():
    """What was said of each form, once all were tried, and where connections were opened to meanwhile."""
    run = subprocess.run(
        [sys.executable, "-c", COUNT], input=json.dumps(FORMS), cwd=ROOT, capture_output=True, text=True, check=True
    )

    return json.loads(run.stdout)


@pytest.mark.attack(8)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_private_address_is_connected_to(tried, form):
    opened, said = tried

    assert opened == ["('127.0.0.1', 9)"]
    assert form in said


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_a_picture_is_fetched():
    with serving({"a%20b.jpg?c=d": good()}) as server:
        answer = fetch(f"{server.url}/a b.jpg?c=d#e", Limits(allowed=server.allowed))

    assert (answer.data, answer.content_type) == (good(), "image/jpeg")


def test_three_redirects_are_followed_and_proxies_of_the_environment_are_not(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    answers = {f"{n}": lambda h, n=n: h.redirect(f"/{n - 1}") for n in (1, 2, 3)} | {"0": good()}
    with serving(answers) as server:
        answer = fetch(f"{server.url}/3", Limits(allowed=server.allowed))

    assert answer.final_url == f"{server.url}/0"
    assert server.asked == ["/3", "/2", "/1", "/0"]


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.attack(class_of(name))) for name in BAD])
def test_an_answer_that_is_no_picture_is_rejected_with_a_reason(name):
    answer, reason = BAD[name]
    with serving({"x": answer}) as server, pytest.raises(FetchError, match=reason):
        fetch(f"{server.url}/x", limits_for(server, reason))


@pytest.mark.attack(8)
def test_another_port_is_not_connected_to():
    with serving({"x": good()}) as server, pytest.raises(FetchError, match="not a public address"):
        fetch(f"{server.url}/x")

    assert server.asked == []


@pytest.mark.attack(9)
def test_a_silent_tls_server_times_out():
    with serving({}) as server, pytest.raises(FetchError):
        fetch(f"https{server.url[4:]}/x", limits_for(server, "longer than"))


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """Makes a certificate for a name, and its key, in one file; it is trusted unless told otherwise."""

    def make(name, trusted=True):
        file = tmp_path / "certificate.pem"
        command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={name}"]
        subprocess.run([*command, "-keyout", file, "-out", tmp_path / "public.pem"], capture_output=True, check=True)
        file.write_bytes(file.read_bytes() + (tmp_path / "public.pem").read_bytes())
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "public.pem"))
        return file

    return make


@pytest.mark.slow
def test_a_picture_is_fetched_with_tls(certified):
    with serving({"x": good()}, certified("IP:127.0.0.1")) as server:
        answer = fetch(f"{server.url}/x", Limits(allowed=server.allowed))

    assert answer.data == good()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "trusted"), [("DNS:pictures.example", True), ("IP:127.0.0.1", False)])
def test_a_wrong_certificate_ends_the_connection_before_a_request(certified, name, trusted):
    file = certified(name, trusted)
    with serving({"x": good()}, file) as server, pytest.raises(FetchError, match="certificate verify failed"):
        fetch(f"{server.url}/x", Limits(allowed=server.allowed))

    assert server.asked == []


@pytest.mark.slow
@pytest.mark.attack(9)
@pytest.mark.parametrize("name", [name for name in BAD if name.startswith(("slow", "endless", "silent", "short"))])
def test_limits_apply_with_tls(certified, name):
    answer, reason = BAD[name]
    with serving({"x": answer}, certified("IP:127.0.0.1")) as server, pytest.raises(FetchError, match=reason):
        fetch(f"{server.url}/x", limits_for(server, reason))
