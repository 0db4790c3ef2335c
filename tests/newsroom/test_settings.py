"""Settings that would make a site that cannot work, or is not safe, stop the start with one sentence."""

import os
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from newsroom import environment
from tests.paths import ROOT

HOST = "news.example.org"


@pytest.fixture
def variable(monkeypatch):
    monkeypatch.delenv("NAME", raising=False)
    return lambda value: monkeypatch.setenv("NAME", value)


def found(reader, *arguments):
    """Return the sentence that stops the start."""
    with pytest.raises(ImproperlyConfigured) as error:
        reader("NAME", *arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("hosts", "base"),
    [
        ("news.example.org", "https://news.example.org"),
        ("News.Example.org", "https://news.example.org:8443"),
        (".example.org", "https://news.example.org"),
        ("*", "https://news.example.org"),
        ("[::1]", "http://[::1]:8000"),
        ("other.example, xn--bcher-kva.example", "https://bücher.example"),
        ("", "http://localhost:8000"),
    ],
)
def test_the_hosts_of_a_site_have_that_of_its_base_url(variable, hosts, base):
    variable(hosts)

    assert environment.hosts("NAME", "localhost", base)


@pytest.mark.attack(13)
@pytest.mark.parametrize("hosts", ["", "other.example", "example.org", "news.example.org.evil.example", "10.0.0.7"])
def test_hosts_without_that_of_the_base_url_stop_the_start(variable, hosts):
    variable(hosts)

    assert f"expected {HOST}, the host of NEWSROOM_BASE_URL" in found(environment.hosts, "localhost", f"https://{HOST}")


@pytest.mark.attack(21)
@pytest.mark.parametrize("user", ["editor@", "editor:hunter2@", ":hunter2@", "@", "a%40b:hunter2@"])
@pytest.mark.parametrize("reader", [lambda name: environment.base_url(name, ""), environment.optional_url])
def test_an_address_with_a_user_stops_the_start_and_is_not_shown(variable, reader, user):
    variable(f"https://{user}{HOST}")

    assert found(reader) == "NAME: expected an address without a user name or password, found one with them."


@pytest.mark.parametrize("path", ["file", "file/below", "file/far/below", "link"])
def test_a_folder_that_cannot_be_one_stops_the_start(variable, tmp_path, path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    variable(str(tmp_path / path))

    assert "expected a folder that is there or can be made" in found(environment.folder, tmp_path)


@pytest.mark.parametrize("path", ["", "new", "new/far/below"])
def test_a_folder_is_there_or_can_be_made(variable, tmp_path, path):
    variable(str(tmp_path / path))

    assert environment.folder("NAME", ROOT) == tmp_path / path


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("missing/db", "a file in a folder that is there"), ("", "expected a file, found the folder")],
)
def test_a_database_where_none_can_be_stops_the_start(tmp_path, path, sentence):
    assert sentence in found(environment.at_a_place, environment.sqlite(tmp_path / path))


@pytest.mark.attack(21)
@pytest.mark.parametrize(
    "key",
    [
        "k" * 50,
        "abc" * 20,
        "0123456789" * 5,
        "correct-horse-1" * 2,
        "django-insecure-8f$k2l(0v#e9qzx",
        "please-change-me-1234567",
        "changeme-f8a7s6d5f4a3",
        "my-secret-key-for-production",
        "SECRET_KEY_OF_THIS_SITE_1",
        "a" * 10 + "b" * 10,
        "short",
    ],
)
def test_a_weak_key_stops_the_start_and_is_not_shown(variable, tmp_path, key):
    variable(key)

    said = found(environment.secret_key, tmp_path / "key")
    assert "random characters" in said
    assert key not in said


@pytest.mark.parametrize(
    "key",
    [
        "f3a9c0d71b2e4f6a8899",
        "31415926535897932384",
        "q7RZ-w_1xJm0pLk2VbNcT9sYdHgFeA",
        "only for the time of these tests",
    ],
)
def test_a_key_of_ones_own_is_taken(variable, tmp_path, key):
    variable(key)

    assert environment.secret_key("NAME", tmp_path / "key") == key


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=value", "value"),
        ("  A=value  # a comment", "value"),
        ("export A=value", "value"),
        ("A=", ""),
        ("A='two words # and more' # a comment", "two words # and more"),
        (r'A="a \"quoted\" word, $HOME, a \\"', 'a "quoted" word, $HOME, a \\'),
        ("A=postgres://u:p#ss@h/n", "postgres://u:p#ss@h/n"),
        ("A=a=b", "a=b"),
        ("A='Zürich'", "Zürich"),
    ],
)
def test_a_line_of_the_env_file_sets_a_variable(tmp_path, monkeypatch, line, value):
    monkeypatch.setattr(os, "environ", {})
    (tmp_path / ".env").write_text(f"\ufeff# The site\r\n\r\n{line}\r\n")

    environment.load_file(tmp_path / ".env")

    assert os.environ == {"A": value}


def test_the_environment_wins_over_the_env_file(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"A": "mine", "EMPTY": ""})
    (tmp_path / ".env").write_text("A=file\nEMPTY=file\nB=file\nB=again\n")

    environment.load_file(tmp_path / ".env")

    assert os.environ == {"A": "mine", "EMPTY": "", "B": "file"}


@pytest.mark.attack(21)
@pytest.mark.parametrize(
    "line",
    [
        "hunter2",
        "A='hunter2",
        'A="hunter2\\"',
        "A-B=hunter2",
        "=hunter2",
        "A='b'hunter2",
        "export hunter2",
        "A=hunter2\0",
    ],
)
def test_a_bad_line_of_the_env_file_stops_the_start_and_is_not_shown(tmp_path, line):
    (tmp_path / ".env").write_text(f"# The site\n{line}\n")

    with pytest.raises(ImproperlyConfigured, match=r"\.env:2: expected NAME=value, found something else\.$"):
        environment.load_file(tmp_path / ".env")


@pytest.mark.parametrize("data", [b"A=\xff\xfe", None])
def test_an_env_file_that_cannot_be_read_stops_the_start(tmp_path, data):
    if data is None:
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_bytes(data)

    with pytest.raises(ImproperlyConfigured, match="expected a readable file in UTF-8"):
        environment.load_file(tmp_path / ".env")


@pytest.mark.parametrize(
    ("mode", "private"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o644, False)]
)
def test_a_file_is_private_if_only_its_owner_reads_it(tmp_path, mode, private):
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)

    assert environment.is_private(tmp_path / ".env") is private
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == mode


DEMO = """
import sys
sys.argv = ["manage.py", "demo"]
import django; django.setup()
from django.conf import settings
from django.test import Client, override_settings
assert not settings.DEBUG and settings.NEWSROOM_SENDS_MAIL
assert b"--" in b"".join(Client(headers={"Host": "localhost"}).get("/static/site.css"))
with override_settings(ROOT_URLCONF="tests.newsroom.failing"):
    page = Client(headers={"Host": "localhost"}, raise_request_exception=False).get("/fail/")
assert page.status_code == 500 and b"Traceback" not in page.content and b"ValueError" not in page.content
"""


@pytest.mark.attack(21)
def test_the_demo_shows_no_debug_pages_and_short_errors_on_the_terminal():
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsroom.settings", "NEWSROOM_LOG_FORMAT": ""}
    command = [sys.executable, "-W", "ignore", "-c", DEMO]

    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    first, second = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (0, "")
    assert " ERROR django.request [" in first
    assert second.startswith("    ValueError: No such GET …@…")
