"""The production guide, followed word for word on a machine of its own, and what it leads to."""

import re
import time
from contextlib import contextmanager

import pytest

from tests.deploy.machine import Machine, booted, missing
from tests.deploy.slow import KINDS
from tests.documented import ON_A_MACHINE, blocks
from tests.paths import ROOT

pytestmark = pytest.mark.slow
HOST = "news.example.org"
PLAIN_CURL = "curl -sS --max-time 20"
CURL = f"{PLAIN_CURL} --cacert /etc/ssl/certs/newsroom.pem"
# Instead of a domain, and of an address to clone from.
SET_UP = f"""
set -e
echo "127.0.0.1 {HOST}" >> /etc/hosts
install -d -m 755 /srv/newsroom
git clone -q --no-hardlinks {ROOT} /srv/newsroom/app
touch exports
"""
FROM_ELSEWHERE = re.compile(r"apt-get|pip install")


def follow(machine: Machine, page: str) -> str:
    """Run a page's commands as printed, and return what they print. Raises RuntimeError at one that fails."""
    printed = []
    for block in blocks(page, (ROOT / page).read_text(encoding="utf-8")):
        if block.language == "sh" and block.note != "not run":
            command = f". ./exports\nset -euo pipefail\n{block.text}export -p > /root/exports"
            started = time.monotonic()
            printed.append(machine.run(command, online=bool(FROM_ELSEWHERE.search(block.text))).stdout)
            print(f"{block}: {time.monotonic() - started:.1f} s")
    return "".join(printed)


@pytest.fixture(scope="module")
def machine():
    if lacks := missing():
        pytest.skip(f"{lacks} is not there, to start a machine for the production guide")
    with booted() as machine:
        machine.run(SET_UP)
        machine.printed = follow(machine, ON_A_MACHINE[0])
        yield machine


@contextmanager
def stopped(machine):
    """While the block runs, there is no server behind the proxy."""
    machine.run("systemctl stop newsroom")
    yield
    machine.run(f"systemctl start newsroom; {CURL} --fail --retry 20 --retry-delay 1 -o /dev/null https://{HOST}/")


def curl(machine, arguments, program=CURL):
    return machine.run(f"{program} {arguments}", check=False).stdout


def test_the_guide_ends_with_a_site(machine):
    assert "Password" not in machine.printed.partition("The editor's password: ")[2]
    assert 'class="card"' in curl(machine, f"https://{HOST}/")
    assert machine.run("systemctl --failed --no-legend").stdout == ""
    assert re.search(r"\n\d+ checks, 0 findings", machine.printed)


def test_every_service_of_the_guide_runs(machine):
    for timer in sorted((ROOT / "deploy/systemd").glob("*.timer")):
        done = machine.run(f"systemctl start {timer.stem}", check=False)

        assert done.returncode == 0, machine.run(f"journalctl --no-pager -n 30 -u {timer.stem}").stdout


@pytest.mark.parametrize("page", ON_A_MACHINE[1:])
def test_a_page_can_be_followed_after_the_guide(machine, page):
    follow(machine, page)

    assert 'class="card"' in curl(machine, f"https://{HOST}/")


def test_plain_http_leads_to_https(machine):
    answer = curl(machine, f"-I 'http://{HOST}/search/?q=ferry'", PLAIN_CURL)

    assert " 301 " in answer
    assert f"Location: https://{HOST}/search/?q=ferry" in answer


@pytest.mark.attack(13)
@pytest.mark.parametrize(
    "arguments",
    [
        "-H 'Host: elsewhere.example' http://127.0.0.1/",
        "http://127.0.0.1/",
        "-k --resolve elsewhere.example:443:127.0.0.1 https://elsewhere.example/",
        "-k https://127.0.0.1/",
        f"-H 'Host: elsewhere.example' https://{HOST}/",
    ],
)
def test_another_host_gets_no_answer(machine, arguments):
    assert curl(machine, f"{arguments} -o /dev/null -w '%{{http_code}}'").startswith(("000", "curl: "))


@pytest.mark.attack(13)
@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Port: 8443",
        "Forwarded: host=evil.example;proto=http",
        "X-Forwarded-Prefix: /evil",
    ],
)
def test_headers_for_proxies_do_not_come_through(machine, header):
    answer = curl(machine, f"-i -H '{header}' https://{HOST}/")

    assert answer.startswith("HTTP/2 200")
    assert "evil" not in answer
    assert "8443" not in answer


@pytest.mark.attack(9)
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/newsletter/", 60, "40"), ("/newsletter/", 70, "413"), ("/admin/", 900, ""), ("/admin/", 12_000, "413")],
)
def test_bodies_are_limited_before_newsroom_reads_them(machine, path, size, status):
    machine.run(f"head -c {size}k /dev/zero > body")

    found = curl(machine, f"-o /dev/null -w '%{{http_code}}' --data-binary @body https://{HOST}{path}")

    assert found.startswith(status)
    assert found == "413" or status != "413"


def test_pictures_and_static_files_are_kept_by_the_proxy(machine):
    style = re.search(r'/static/site[^"]*\.css', curl(machine, f"https://{HOST}/"))[0]
    curl(machine, f"-o /dev/null https://{HOST}{style}")

    with stopped(machine):
        assert "--" in curl(machine, f"--fail https://{HOST}{style}")


def test_while_the_server_is_down_the_proxy_says_so(machine):
    with stopped(machine):
        answer = curl(machine, f"-i https://{HOST}/")

    assert answer.startswith("HTTP/2 503")
    assert "retry-after: 30" in answer
    assert "content-security-policy: default-src 'none'" in answer
    assert "Not available right now" in answer
    assert "nginx/" not in answer


def test_a_restart_with_new_code_loses_no_request(machine):
    answers = machine.run(f"""
        for turn in $(seq 60); do {CURL} --max-time 120 -o x -w '%{{http_code}} ' https://{HOST}/robots.txt; done &
        loop=$!
        systemctl reload newsroom; sleep 1; systemctl reload newsroom
        wait $loop
    """).stdout.split()

    assert answers == ["200"] * 60


@pytest.mark.attack(9)
@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_do_not_stop_the_site(machine, kind):
    command = f"python3 -m tests.deploy.slow https://{HOST} '{kind}' --host {HOST} --seconds 1"

    assert f"200 x {kind}: median" in machine.run(f"cd /srv/newsroom/app && {command}").stdout


def test_what_the_site_keeps_is_for_its_account_only(machine):
    found = machine.run("stat -c '%U %a' /srv/newsroom/env /srv/newsroom/data /srv/newsroom/data/backups").stdout

    assert found.split("\n")[:-1] == ["newsroom 600", "newsroom 700", "newsroom 700"]


def test_the_account_of_the_site_cannot_change_its_code(machine):
    found = machine.run("find /srv/newsroom/app ! -user root -o -perm /022 ! -type l | head -3").stdout

    assert found == ""
