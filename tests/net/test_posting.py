"""Telling a hub something: it may be slow, broken or hostile, and leads nowhere else."""

import time

import pytest

from articles.net.fetching import FetchError, Limits, post
from tests.net.test_fetching import HOSTS, class_of
from tests.picture_server import BAD, Handler, serving

SECONDS = 0.5
STATUS = {"missing": "404", "loop": "302", **{name: "302" for name in BAD if name.startswith("to ")}}
TAKEN = {
    "page",
    "svg",
    "no type",
    "slow body",
    "slow chunks",
    "huge",
    "endless",
    "endless chunks",
    "short",
    "compressed",
}


class Hub(Handler):
    def do_POST(self):  # noqa: N802 (its name in the standard library)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


@pytest.fixture
def hub(monkeypatch):
    """A hub whose answers are those of a server of pictures."""
    monkeypatch.setattr("tests.picture_server.Handler", Hub)
    with serving({name: answer for name, (answer, _) in BAD.items()}) as server:
        server.answers["x"] = lambda handler: handler.send_error(404)
        yield server


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.attack(class_of(name))) for name in BAD])
def test_a_hub_holds_nobody_and_leads_nowhere(hub, name):
    hub.answers["hub"] = BAD[name][0]
    started = time.monotonic()

    def told():
        post(f"{hub.url}/hub", b"hub.mode=publish", Limits(seconds=SECONDS))

    if name in TAKEN:  # what it says beside its status is not read
        told()
    else:
        with pytest.raises(FetchError, match=STATUS.get(name, ".")):
            told()

    assert time.monotonic() - started < SECONDS + 1
    assert hub.asked == ["/hub"]


@pytest.mark.attack(8)
@pytest.mark.parametrize("host", HOSTS)
def test_a_hub_by_a_name_that_leads_to_this_machine_is_not_told(hub, host):
    with pytest.raises(FetchError):
        post(f"http://{host}:{hub.server_port}/", b"x", Limits(seconds=5))

    assert hub.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_hub_on_this_machine_is_told_if_its_address_says_so(hub, host, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    hub.answers["hub"] = BAD["page"][0]

    post(f"http://{host}:{hub.server_port}/hub", b"x")

    assert hub.asked == ["/hub"]
