"""Reports to a server that speaks Sentry's protocol: what arrives there, and what does not."""

import gzip
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured

from newsroom import environment
from newsroom.environment import values
from tests.newsroom.failing import PERSON
from tests.paths import ROOT

FAIL = """
import django; django.setup()
from django.test import Client, override_settings
import sentry_sdk
with override_settings(ROOT_URLCONF='tests.newsroom.failing'):
    response = Client(raise_request_exception=False).post('/fail/?q=cancer', {'password': 'hunter2hunter2'}, headers={
        'Host': 'localhost',
        'X-Request-ID': 'the-id', 'Authorization': 'hunter2hunter2', 'Cookie': 'theme=hunter2hunter2'})
sentry_sdk.flush(10)
print(response.status_code)
"""


@contextmanager
def receiver():
    """A server on loopback that keeps what it is sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, received
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.attack(21)
def test_a_fault_is_reported_with_its_traceback_and_id_and_without_anything_about_the_reader():
    with receiver() as (port, received):
        dsn = f"http://publickey@127.0.0.1:{port}/7"
        variables = {**os.environ, "NEWSROOM_SENTRY_DSN": dsn, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
        command = [sys.executable, "-W", "ignore", "-c", FAIL]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    assert "500" in done.stdout, done.stderr
    (body,) = [one for one in received if b'"ValueError"' in one]
    event = next(found for found in map(json.loads, body.splitlines()) if "exception" in found)
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"]["request"] == "the-id"
    assert event["transaction"] == "/fail/"
    assert {"request", "user", "breadcrumbs"}.isdisjoint(event)
    for told in (PERSON, "hunter2hunter2", "cancer", "sessionid"):
        assert told.encode() not in body


@pytest.mark.parametrize(
    "value", ["sentry.example.org", "https://sentry.example.org/2", "ftp://key@h/2", "https://key@h/", "https://key@/2"]
)
def test_what_is_no_address_of_such_a_server_stops_the_start_without_telling_the_key(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match=r"^NAME: expected an address such as .*, found another\.$"):
        environment.sentry_dsn("NAME")


def test_without_the_package_the_start_stops_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(values, "find_spec", lambda module: None)
    monkeypatch.setenv("NAME", "https://key@sentry.example.org/2")

    with pytest.raises(ImproperlyConfigured, match=r"sentry-sdk to be installed.*pip install \"\.\[sentry\]\""):
        environment.sentry_dsn("NAME")
