"""What is logged: each request and each fault, in lines that nobody forges and that tell nothing about readers."""

import json
import logging
import os
import re
import subprocess
import sys
import time

import pytest
from django.test import Client, override_settings

from newsroom import logs
from newsroom.masking import HIDDEN, mask, one_line
from tests.newsroom.failing import PERSON, logged
from tests.newsroom.test_errors import mail
from tests.paths import ROOT

pytestmark = pytest.mark.urls("tests.newsroom.failing")
TYPED = "a-token-of-a-reader_4711"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [a-z._A-Z]+ \[[A-Za-z0-9-]+\] [^\x00-\x1f\x7f]+")


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_a_request_is_one_line_with_its_status_bytes_and_time(client):
    with logged() as lines:
        response = client.get("/answer/me?q=cancer&email=reader@example.org")

    (line,) = lines
    assert LINE.fullmatch(line)
    assert re.search(rf"newsroom\.access \[{response['X-Request-ID']}\] GET /answer/… 200 4 \d+ms$", line)


def test_a_json_line_has_the_same_facts(client):
    with logged("json") as lines:
        response = client.get("/stream/")
        response.getvalue()

    (line,) = map(json.loads, lines)
    assert {name: line[name] for name in ("method", "path", "status", "bytes", "request", "level", "logger")} == {
        "method": "GET",
        "path": "/stream/",
        "status": 200,
        "bytes": 6,
        "request": response["X-Request-ID"],
        "level": "info",
        "logger": "newsroom.access",
    }
    assert line["ms"] >= 0


@pytest.mark.parametrize("given", ["abc-123", "0", "A" * 64])
def test_a_proxys_id_of_a_request_is_kept(client, given):
    assert client.get("/answer/me", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.attack(13)
@pytest.mark.parametrize(
    "given", ["", "a b", "a\r\nSet-Cookie: b=c", "é", "a;b", "<script>", "A" * 65, "../x", "\x1b[2J", "a\n"]
)
def test_what_is_no_id_of_a_request_is_replaced(client, given):
    with logged() as lines:
        own = client.get("/answer/me", headers={"X-Request-ID": given})["X-Request-ID"]

    assert re.fullmatch("[0-9a-f]{16}", own)
    assert f"[{own}]" in lines[0]


@pytest.mark.parametrize("address", ["/fail/", "/api/fail/", "/database/", "/reset/a/b/"])
def test_a_fault_is_logged_with_its_traceback_and_the_id_that_the_answer_names(client, address):
    with logged() as lines:
        response = client.get(address)

    own = response["X-Request-ID"]
    error = next(line for line in lines if " ERROR django.request " in line)
    assert response.status_code == 500
    assert f"[{own}]" in error
    assert "    Traceback (most recent call last):" in lines
    assert own in response.content.decode()


def test_a_fault_in_middleware_is_logged_with_its_id(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.newsroom.failing.fail_in_middleware"]

    with logged() as lines:
        response = client.get("/answer/me")

    assert response.status_code == 500
    assert sum(f"[{response['X-Request-ID']}]" in line for line in lines) == 2
    assert "    ValueError: in middleware" in lines


def test_a_fault_while_an_answer_is_sent_is_logged_with_its_id(client):
    response = client.get("/half/")
    with logged() as lines, pytest.raises(ValueError, match="half-way"):
        response.getvalue()

    assert f"ERROR newsroom.requests [{response['X-Request-ID']}] Failed while it was sent: /half/" in lines[0]
    assert "    ValueError: half-way" in lines
    assert "GET /half/ 200 3 " in lines[-1]


@pytest.mark.attack(13)
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "path",
    ["/fail/", "/answer/%0A2026-11-27T00:00:00.000Z%20ERROR%20forged", "/%1B%5B31mred", "/%0D%0Aforged", "/%C2%9B2J",
     "/%E2%80%AEdesrever", "/%E2%80%A8next", "/refuse/", "/%00", "/%FF%FE"],
)  # fmt: skip
def test_no_request_forges_a_line_or_moves_a_terminal(client, path, form):
    with logged(form) as lines:
        client.get(path)

    assert lines
    for line in lines:
        assert line.isprintable()
        assert form == "text" or json.loads(line)["logger"]
        assert form == "json" or line.startswith("    ") or LINE.fullmatch(line)
    assert not any(line.lstrip().startswith(("2026-11-27T00:00", "forged")) for line in lines if line[:1] != " ")


@pytest.mark.attack(21)
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/answer/{TYPED}", TYPED),
        (f"/newsletter/confirm/{TYPED}/", TYPED),
        (f"/newsletter/unsubscribe/{TYPED}", TYPED),
        (f"/NEWSLETTER/unsubscribe/{TYPED}", TYPED),
        (f"/reset/MQ/{TYPED}/", TYPED),
        (f"/no-page/{PERSON}/", PERSON),
        ("/no-page/?q=my+illness", "illness"),
        ("/fail/?password=hunter2hunter2", "hunter2"),
        ("/fail/", PERSON),
        ("/refuse/", PERSON),
        ("/database/", "hunter2hunter2"),
    ],
)
@pytest.mark.django_db
def test_no_line_tells_a_token_a_mail_address_or_a_search(client, path, told, form):
    with logged(form) as lines:
        client.get(path, headers={"Cookie": "sessionid=hunter2hunter2", "Authorization": "hunter2hunter2"})

    assert lines
    assert told not in "\n".join(lines)


@pytest.mark.attack(21)
@pytest.mark.parametrize(
    "spelling",
    [
        "{}",
        "SECRET_KEY={}",
        "postgres://news:{}@db.example:5432/news",
        "redis://:{}@cache.example/0",
        "smtp+tls://news%40example.org:{}@mail.example",
        "FATAL: password authentication failed ({})",
    ],
)
def test_keys_and_passwords_are_in_no_line(spelling, settings, monkeypatch):
    known = ["k'€<y> of \\ this site", "mail&pass=word", "data+base/pass"]
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "data+base/pass")
    with override_settings(SECRET_KEY=known[0], **mail(known[1])):
        for secret in known:
            line = mask(spelling.format(secret)) + mask(repr({"a": spelling.format(secret)}))
            assert HIDDEN in line
            assert secret not in line
            assert repr(secret)[1:-1] not in line


@pytest.mark.attack(21)
def test_the_records_of_others_are_masked_too():
    try:
        raise ValueError(f"{PERSON}\x1b[2J")
    except ValueError as error:
        fault = (type(error), error, error.__traceback__)
    record = logging.LogRecord("gunicorn.error", 40, "x.py", 1, "Error handling %s\n", (f"/{PERSON}",), fault)

    assert logs.Masked().filter(record)
    text = logging.Formatter().format(record)

    assert PERSON not in text
    assert "\x1b" not in text
    assert text.startswith("Error handling /…@…\\n\nTraceback")


@pytest.mark.attack(12)
@pytest.mark.parametrize(
    "piece", ["a", "a.", "a@", "a@b.", "http://", "x://a:", "a://b:c@", "/newsletter/confirm/", "é."]
)
def test_the_time_to_mask_a_text_grows_with_its_length_only(piece):
    text = piece * (100_000 // len(piece))
    started = time.process_time()

    mask(text)

    assert time.process_time() - started < 2  # seconds: 50 times what it takes, and far from what a square would


def test_a_line_has_an_end(client):
    record = logging.LogRecord("newsroom", 40, "x.py", 1, "%s", ("x" * 10**6,), None)

    assert len(logs.Text().format(record)) < 6000
    assert len(logs.Json().format(record)) < 6000


def test_what_is_no_secret_stays_readable():
    text = "articles/sync/importer.py:12: Ärger in /news/island/2026-11-24-ferry/ (50 %) für 東京\tx"

    assert mask(text) == text
    assert one_line("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"NEWSROOM_LOG_LEVEL": "loud"}, "NEWSROOM_LOG_LEVEL: expected debug or info or warning or error"),
        ({"NEWSROOM_LOG_FORMAT": "xml"}, "NEWSROOM_LOG_FORMAT: expected text or json or short"),
        ({"NEWSROOM_ACCESS_LOG": "yes"}, "NEWSROOM_ACCESS_LOG: expected 0 or 1"),
    ],
)
def test_a_bad_value_about_logs_stops_the_start(variables, expected):
    result = run("import newsroom.settings", variables)

    assert expected in result.stderr.splitlines()[-1]


def test_errors_go_to_standard_error_and_requests_to_standard_output():
    result = run(
        "import django; django.setup()\n"
        "from django.test import Client, override_settings\n"
        "with override_settings(ROOT_URLCONF='tests.newsroom.failing'):\n"
        "    Client(raise_request_exception=False).get('/fail/', headers={'Host': 'localhost'})",
        {"NEWSROOM_LOG_FORMAT": "json"},
    )

    (error,) = map(json.loads, result.stderr.splitlines())
    (request,) = map(json.loads, result.stdout.splitlines())
    assert error["error"].startswith("Traceback")
    assert (error["request"], request["status"]) == (request["request"], 500)


def test_requests_are_not_logged_if_the_site_says_so():
    result = run(
        "import django; django.setup()\n"
        "from django.test import Client; Client().get('/robots.txt', headers={'Host': 'localhost'})",
        {"NEWSROOM_ACCESS_LOG": "0"},
    )

    assert (result.stdout, result.stderr) == ("", "")


def run(program, variables):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsroom.settings", **variables}
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
