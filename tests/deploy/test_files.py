"""The files of deploy/ and the lock files agree with each other and with the code."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter

import pytest
import yaml
from django.core.management import get_commands

from tests import licences
from tests.browser.server import free_port
from tests.paths import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("newsroom*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
LOCKS = ["requirements.lock", ".ci/test.lock", ".ci/develop.lock"]
ENTRY = re.compile(r"(?m)^([a-z0-9.-]+)==(\S+)( ; .+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")


def read(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def settings(text):
    """The lines of a unit that set something, by section."""
    sections = re.split(r"(?m)^\[(\w+)\]$", re.sub(r"(?m)^#.*\n", "", text))
    return {name: lines.split("\n") for name, lines in zip(sections[1::2], sections[2::2], strict=True)}


def commands(text):
    """The commands that a text runs, with their arguments but how a day is written."""
    found = re.findall(r"(?:manage\.py|newsroom/manage|every \d+) ([a-z_]+.*?)(?: > /dev/null)?['\"]?$", text, re.M)
    return {re.sub(r"\"|\$\$?\(date [^)]*\)", "", command).strip("'\" ") for command in found}


def hardening(text):
    return [
        line for line in settings(text)["Service"] if re.match(r"(Protect|Private|Restrict|System|No|Cap|Lock|R)", line)
    ]


def test_all_services_are_hardened_alike():
    common = hardening(read("systemd/newsroom-.service.d/common.conf"))
    web = [line for line in hardening(read("systemd/newsroom.service")) if not line.startswith("Restart")]

    assert web == common
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "ReadWritePaths=/srv/newsroom/data"} <= set(common)


def test_every_timer_has_its_service():
    assert {path.stem for path in TIMERS} == {path.stem for path in UNITS} - {"newsroom"}


def test_timers_cron_and_containers_run_the_same_commands():
    units = set().union(*(commands(path.read_text()) for path in UNITS))

    assert commands(read("crontab")) == units
    assert commands(read("regularly")) == units
    assert {command.split()[0] for command in units} <= set(get_commands())


def test_the_guide_starts_every_timer():
    guide = (ROOT / "docs/production.md").read_text()

    assert [path.name for path in TIMERS if path.name not in guide] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not there")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_takes_a_unit_and_calls_it_safe(tmp_path, path):
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for unit in (tmp_path / "units").rglob("*.[sc]o*"):
        if unit.is_file():
            unit.write_text(re.sub(r"ExecStart=/srv\S+", "ExecStart=/bin/true", unit.read_text()))
    checked = [tmp_path / "units" / path.name, *(tmp_path / "units").glob(f"{path.stem}.timer")]
    verify = ["systemd-analyze", "verify", "--man=no", *checked]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    security = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", checked[0]]

    assert str(tmp_path) not in done.stderr
    assert subprocess.run(security, capture_output=True, check=False).returncode == 0


def test_everything_that_the_container_copies_is_there():
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", read("Containerfile"))
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]

    assert copied == ["requirements.lock", "."]
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert {"manage.py", "newsroom", "articles", "templates", "static", "locale", "deploy"} <= set(kept)


def test_the_container_has_no_root_and_no_secret():
    text = read("Containerfile")

    assert re.search(r"(?m)^USER \d+$", text)
    assert re.findall(r"NEWSROOM_SECRET_KEY=(\S+)", text) == ["not-a-secret-for-the-build-only"]
    assert "/healthz" in text
    assert all(re.search(r":\d+\.\d+\.\d+-", image) for image in re.findall(r"(?m)^FROM (\S+)", text))


def test_the_compose_file_fits_the_container():
    compose = yaml.safe_load(read("compose.yaml"))
    services, text = compose["services"], read("Containerfile")

    assert {"prepare", "web", "regularly", "postgres", "redis"} == set(services)
    assert services["web"]["ports"] == [f"127.0.0.1:8000:{re.search(r'EXPOSE (.+)', text)[1]}"]
    for name in ("prepare", "web", "regularly"):
        volumes = [volume.split(":")[-2 if volume.endswith(":ro") else -1] for volume in services[name]["volumes"]]
        assert volumes == [re.search(r"VOLUME (.+)", text)[1], "/srv/newsroom/island"]
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
    assert {name for name in services if "profiles" in services[name]} == {"postgres", "redis"}
    gateway = compose["networks"]["default"]["ipam"]["config"][0]["gateway"]
    assert services["web"]["environment"]["NEWSROOM_TRUSTED_PROXIES"] == gateway


def test_the_example_of_settings_names_variables_that_there_are():
    named = set(re.findall(r"(?m)^#?([A-Z_]+)=", read("env.example")))
    documented = set(re.findall(r"(?m)^\| `(\w+)` \|", (ROOT / "docs/configuration.md").read_text()))

    assert named <= documented


@pytest.mark.parametrize("file", LOCKS)
def test_a_lock_file_has_hashes_and_names_no_server(file):
    text = (ROOT / file).read_text()
    head, _, entries = text.partition("\n")

    assert head.startswith("# Made by .ci/lock. pip install -r requirements.lock")
    assert ENTRY.sub("", entries) == ""
    assert "//" not in text


def test_lock_files_have_all_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {match[1] for file in LOCKS for match in ENTRY.finditer((ROOT / file).read_text())}
    wanted = [
        *project["dependencies"],
        *(need for needs in project["optional-dependencies"].values() for need in needs),
    ]
    names = {re.match(r"[\w.-]+", need)[0].lower().replace("_", "-") for need in wanted}

    assert names - locked == set()


def test_the_page_of_licences_is_current():
    page = licences.PAGE.read_text()
    rows = dict(re.findall(r"(?m)^\| (\S+) \| (.+) \|$", page.partition("|---|---|---|\n")[2]))

    assert {name: row.split(" | ")[0] for name, row in rows.items()} == licences.locked()
    for name, version in licences.locked().items():
        about = licences.installed(name)
        if about and about["Version"] == version:
            assert licences.row(name, version, licences.licence(about)) in page


@pytest.mark.slow
def test_the_container_builds_and_gets_healthy(tmp_path):
    engine = next((name for name in ("docker", "podman") if works(name)), None)
    if not engine:
        pytest.skip("no container engine runs here")
    name = f"newsroom-test-{free_port()}"
    command = [engine, "build", "-q", "-t", name, "-f", "deploy/Containerfile", "."]
    subprocess.run(command, cwd=ROOT, check=True)
    options = ["--rm", "-d", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", f"--name={name}"]
    key = "NEWSROOM_SECRET_KEY=only for the time of this test, at least fifty characters"
    try:
        subprocess.run([engine, "run", *options, "-e", key, name], check=True)
        health = [engine, "inspect", "--format={{.State.Health.Status}}", name]
        deadline = time.monotonic() + 120
        while (found := subprocess.run(health, check=True, capture_output=True, text=True).stdout) != "healthy\n":
            assert time.monotonic() < deadline, found
            time.sleep(1)
    finally:
        subprocess.run([engine, "rm", "-f", name], check=False)
        subprocess.run([engine, "rmi", "-f", name], check=False)


def works(engine):
    return shutil.which(engine) and subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0


def test_a_container_runs_what_is_due(tmp_path):
    script = tmp_path / "regularly"
    script.write_text(read("regularly").replace("/srv/newsroom", str(tmp_path)))
    programs = {"python": 'echo "$2" >> ran', "sleep": "echo >> slept; [ $(wc -l < slept) -lt 61 ] || kill $PPID"}
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    subprocess.run(["sh", script], cwd=tmp_path, env=environment, check=False, timeout=30)

    ran = Counter((tmp_path / "ran").read_text().split())
    hourly = {"suggest_stories": 2, "cache_images": 2}
    assert ran == {"tend": 61, "import_articles": 7, **hourly, "backup": 1, "clearsessions": 1}


@pytest.mark.slow
def test_the_container_s_build_command_works(tmp_path):
    command = re.search(r"RUN (NEWSROOM_SECRET_KEY.+?) &&", read("Containerfile").replace("\\\n", ""), re.DOTALL)[1]
    for path, here in (("/srv/newsroom/static", str(tmp_path)), ("/srv/newsroom/venv/bin/python", sys.executable)):
        command = command.replace(path, here)

    subprocess.run(command, shell=True, cwd=ROOT, check=True)  # noqa: S602 (our own)

    assert (tmp_path / "staticfiles.json").exists()
