"""The program that runs the documented commands notices when one of them does not do what its page says."""

import socket
import subprocess

import pytest

from tests import documented


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a clone in it that needs no set-up."""
    monkeypatch.setattr(documented, "SET_UP", "true")
    (tmp_path / "app").mkdir()
    subprocess.run(["git", "init", "-q", tmp_path / "app"], check=True)
    return tmp_path


def run(home, text):
    documented.run_page("page.md", list(documented.blocks("page.md", text)), home)


def test_a_command_that_fails_fails_its_page(home):
    with pytest.raises(documented.FailedError, match=r"page.md:3: expected exit code 0, found 1"):
        run(home, "# Page\n\n```sh\nfalse\ntrue\n```\n")


def test_a_command_sees_what_those_before_it_exported(home):
    run(home, '```sh\nexport COLOUR="sea green"\n```\n\n```sh\ntest "$COLOUR" = "sea green"\n```\n')


def test_a_command_may_be_expected_to_fail(home):
    run(home, "<!-- exit code: 2 -->\n```sh\n(exit 2)\n```\n")

    with pytest.raises(documented.FailedError, match="expected exit code 2, found 0"):
        run(home, "<!-- exit code: 2 -->\n```sh\ntrue\n```\n")


def test_a_command_that_is_marked_is_not_run(home):
    run(home, "<!-- not run: it needs the sea -->\n```sh\nfalse\n```\n")


def test_a_text_is_not_run(home):
    run(home, "```console\nfalse\n```\n")


def test_a_file_is_there_for_the_commands_after_it(home):
    run(home, "<!-- file: island/ferry.md -->\n```yaml\n---\n```\n\n```sh\ngrep -- --- island/ferry.md\n```\n")


def test_commands_of_a_crontab_run_without_their_schedule(home):
    run(home, "```cron\n*/5 1,2 * * 1-5  touch ran\n0 0 * * * (exit 2)\n```\n\n```sh\ntest -f ran\n```\n")

    with pytest.raises(documented.FailedError, match="found 1"):
        run(home, "```cron\n* * * * * false\n```\n")


def test_each_page_begins_with_a_fresh_clone(home):
    run(home, "```sh\ntouch left /srv/newsroom/left\n```\n")

    run(home, "```sh\ntest ! -e left\ntest ! -e /srv/newsroom/left\n```\n")


@pytest.fixture
def port(monkeypatch):
    """A free port, which servers are looked for on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    monkeypatch.setattr(documented, "PORT", number)
    return number


def test_a_server_that_serves_no_cards_fails_its_page(home, port, monkeypatch):
    monkeypatch.setattr(documented, "LIMIT", 1)

    with pytest.raises(documented.FailedError, match="expected a server, found none"):
        run(home, f"<!-- serves: localhost -->\n```sh\npython3 -m http.server {port}\n```\n")


def test_a_server_of_somebody_else_is_not_taken_for_the_page_s(home, port):
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(documented.FailedError, match=f"expected port {port} to be free"),
    ):
        run(home, "<!-- serves: localhost -->\n```sh\nsleep 60\n```\n")


def test_a_server_that_does_not_start_fails_its_page(home, port):

    with pytest.raises(documented.FailedError, match="expected a server, found none"):
        run(home, "<!-- serves: localhost -->\n```sh\nfalse\n```\n")
