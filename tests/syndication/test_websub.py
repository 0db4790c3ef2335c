"""The hub is told of each feed that changed, once, by a command: a real hub on a real socket."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Story
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub(settings):
    """A hub that remembers what it is told, and answers with `status`."""
    state = SimpleNamespace(told=[], status=202)

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.told.append({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(state.status)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.NEWSROOM_WEBSUB_HUB = f"http://127.0.0.1:{server.server_port}/"
    yield state
    server.shutdown()
    server.server_close()


def ping():
    call_command("ping_hub", no_progress=True)


def pages(hub):
    """What the hub was told of since this was asked last, without the formats."""
    told = {call["hub.url"].rpartition("/")[0] for call in hub.told}
    hub.told.clear()
    return sorted(address.removeprefix("http://localhost:8000") for address in told)


def test_the_hub_is_told_of_every_feed_of_a_new_article(hub):
    make_article(topics=[make_topic("Tides", slug="tides")])

    ping()

    assert hub.told[0] == {
        "hub.mode": "publish",
        "hub.topic": "http://localhost:8000/feeds/rss.xml",
        "hub.url": "http://localhost:8000/feeds/rss.xml",
    }
    assert len(hub.told) == 9
    assert pages(hub) == ["/feeds", "/providers/gazette.example", "/topics/tides"]


def test_the_hub_is_not_told_of_feeds_that_did_not_change(hub):
    make_article()
    ping()
    pages(hub)

    ping()

    assert hub.told == []


def test_the_hub_is_told_only_of_the_feeds_that_an_edit_changed(hub):
    article = make_article(topics=[make_topic("Tides", slug="tides")])
    make_article(provider=make_provider("post.example"), topics=[make_topic("Quay", slug="quay")])
    ping()
    pages(hub)

    article.title = "Other"
    article.save()
    ping()

    assert pages(hub) == ["/feeds", "/providers/gazette.example", "/topics/tides"]


def test_the_hub_is_told_of_a_removed_article_and_of_a_new_headline(hub, django_user_model):
    lead = make_article()
    story = make_story(lead, make_article(provider=make_provider("post.example")))
    ping()
    pages(hub)

    Story.objects.filter(pk=story.pk).update(headline="Our own")
    ping()
    assert pages(hub) == ["/feeds", "/providers/gazette.example"]

    Article.objects.get(pk=lead.pk).delete()
    ping()
    assert "/feeds" in pages(hub)


def test_the_hub_is_told_again_of_a_feed_that_it_did_not_accept(hub, capsys):
    make_article()
    hub.status = 503

    with pytest.raises(SystemExit) as exit_:
        ping()

    assert exit_.value.code == 2
    assert "the hub did not take it" in capsys.readouterr().err
    assert len(hub.told) == 1  # the others would only wait too
    hub.status = 202
    pages(hub)
    ping()
    assert pages(hub) == ["/feeds", "/providers/gazette.example"]


def test_a_hub_that_cannot_be_reached_is_told_by_the_next_run(hub, settings):
    make_article()
    there, settings.NEWSROOM_WEBSUB_HUB = settings.NEWSROOM_WEBSUB_HUB, "http://127.0.0.1:9/"

    with pytest.raises(SystemExit):
        ping()
    settings.NEWSROOM_WEBSUB_HUB = there
    ping()

    assert pages(hub) == ["/feeds", "/providers/gazette.example"]


def test_saving_an_article_makes_no_request_to_the_hub(hub):
    make_article().save()

    assert hub.told == []


def test_ping_hub_without_a_hub_says_so(settings):
    settings.NEWSROOM_WEBSUB_HUB = ""

    with pytest.raises(CommandError, match="NEWSROOM_WEBSUB_HUB: expected a hub's address, found none"):
        ping()


def test_ping_hub_reports_the_feeds_told(hub, tmp_path):
    make_article()

    call_command("ping_hub", no_progress=True, report=tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["feeds"], report["failed"]) == (2, [])


def test_the_hub_is_told_of_the_feeds_that_an_article_left(hub):
    tides, quay = make_topic("Tides", slug="tides"), make_topic("Quay", slug="quay")
    article = make_article(topics=[tides])
    gone = make_article(topics=[quay], provider=make_provider("gone.example"))
    ping()
    pages(hub)

    article.topics.set([quay])
    article.provider = make_provider("post.example")
    article.save()
    gone.delete()
    ping()

    left = ["/providers/gazette.example", "/providers/gone.example", "/topics/tides"]
    assert pages(hub) == sorted(["/feeds", "/providers/post.example", "/topics/quay", *left])
