"""`/metrics`: off by default, in a form that Prometheus reads, of all processes, and without a word about articles."""

import json
import subprocess
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from articles.models import ImportRun, LastRun
from newsroom import environment, metrics
from tests.factories import make_article

TYPED = 'a token\'of \\ "this" site'.replace(" ", "-")
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, monkeypatch, settings):
    monkeypatch.setattr(metrics.tempfile, "gettempdir", lambda: str(tmp_path))
    settings.NEWSROOM_METRICS = "1"
    return tmp_path


def read(client, **options):
    """Return samples by name: dicts from labels to values."""
    response = client.get("/metrics", **options)
    assert response["Content-Type"] == metrics.TYPE
    found = {}
    for family in text_string_to_metric_families(response.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def by(samples, *names):
    """Add up samples over all labels but these."""
    sums = {}
    for labels, value in samples.items():
        key = tuple(dict(labels)[name] for name in names)
        sums[key] = sums.get(key, 0) + value
    return sums


def test_there_are_no_metrics_unless_the_site_says_so(client):
    assert client.get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_status(folder):
    client = Client()
    make_article(stem="a-secret-title", published=True)
    for _ in range(3):
        client.get("/topics/")
    client.get("/news/harbour/a-secret-title/")
    client.get("/no-such-page/")

    found = read(client)

    requests = by(found["newsroom_requests_total"], "route", "status")
    assert requests["/topics/", "200"] == 3
    assert requests["/news/<slug:source>/<name:stem>/", "200"] == 1
    assert requests["none", "404"] == 1
    assert found["newsroom_request_seconds_total"].keys() == found["newsroom_requests_total"].keys()
    assert all(value > 0 for value in found["newsroom_request_seconds_total"].values())


def test_rows_are_counted_by_state_and_runs_are_told(folder):
    for stem, published in (("a", True), ("b", True), ("c", False)):
        make_article(stem=stem, published=published, quality=80 if published else 0)
    LastRun.note("tend")
    ImportRun.objects.create(state=ImportRun.State.DONE, finished_at=timezone.now())

    found = read(Client())

    assert by(found["newsroom_articles"], "state") == {("published",): 2, ("unpublished",): 1, ("removed",): 0}
    assert ("sign_ups",) in by(found["newsroom_queue"], "name")
    runs = by(found["newsroom_last_run_timestamp_seconds"], "command")
    assert runs.keys() == {("tend",), ("import_articles",)}
    assert all(abs(at - time.time()) < 60 for at in runs.values())
    assert found["newsroom_database_up"] == {(): 1}


def test_without_a_database_requests_are_told_all_the_same(folder, monkeypatch):
    def fail():
        raise DatabaseError("gone")

    client = Client()
    client.get("/topics/")
    monkeypatch.setattr(metrics, "_families_of_rows", fail)

    found = read(client)

    assert found["newsroom_database_up"] == {(): 0}
    assert found["newsroom_requests_total"]
    assert "newsroom_articles" not in found


def test_one_process_tells_the_counts_of_all(folder):
    client = Client()
    client.get("/topics/")
    (own,) = folder.glob("newsroom-metrics-*/*.json")
    with subprocess.Popen(["sleep", "60"]) as other:
        (own.parent / f"{other.pid}.json").write_text(json.dumps([["/topics/", 200, 5, 0.5]]))
        (own.parent / "999999999.json").write_text(json.dumps([["/topics/", 200, 7, 0.7]]))
        (own.parent / "888.json").write_text("half a fi")

        assert by(read(client)["newsroom_requests_total"], "route") == {("/topics/",): 13}
        other.kill()


@pytest.mark.attack(21)
@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer x", f"Basic {TYPED}", f"Bearer {TYPED[:-1]}", "Bearer é"])
def test_metrics_with_a_token_are_for_those_who_have_it(folder, settings, sent):
    settings.NEWSROOM_METRICS = TYPED

    response = Client().get("/metrics", headers={"Authorization": sent} if sent is not None else {})

    assert response.status_code == 401
    assert b"newsroom_" not in response.content
    assert TYPED.encode() not in response.content
    assert read(Client(), headers={"Authorization": f"Bearer {TYPED}"})["newsroom_database_up"]


@pytest.mark.attack(21)
def test_metrics_name_no_article_reader_or_search(folder):
    client = Client()
    make_article("Ferries sink", stem="ferries-sink", published=True)
    for address in (
        "/news/harbour/ferries-sink/",
        "/search/?q=my+illness",
        "/newsletter/unsubscribe/a-token/",
        '/x"\n{a}/',
    ):
        client.get(address)

    text = client.get("/metrics").content.decode()

    for told in ("erries", "illness", "a-token", "harbour", "{a}"):
        assert told not in text


@pytest.mark.attack(21)
def test_a_folder_of_somebody_else_is_not_used(folder):
    Client().get("/topics/")
    (own,) = folder.glob("newsroom-metrics-*")
    own.chmod(0o777)

    with pytest.raises(PermissionError, match="belongs to somebody else"):
        metrics._folder()
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize(("value", "read_as"), [("", ""), ("0", ""), ("1", "1"), ("a" * 16, "a" * 16)])
def test_who_may_read_metrics_is_nobody_everybody_or_who_has_a_token(monkeypatch, value, read_as):
    monkeypatch.setenv("NAME", value)

    assert environment.metrics("NAME") == read_as


@pytest.mark.parametrize("value", ["yes", "2", "too short", "with a blank in the midst", "unprintable-\x7f-token"])
def test_what_is_no_token_stops_the_start_and_is_not_shown(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match=r"^NAME: expected 0, 1, or a token of at least 16 ") as error:
        environment.metrics("NAME")
    assert value not in str(error.value)
