"""Whatever takes a lead away keeps its story visible, or asks first."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from articles.models import Action, Article, Change, Conflict, Story
from articles.sync.importer import import_files
from tests.admin.forms import confirm, form_data
from tests.factories import make_article, make_file, make_related, make_story, make_story_files

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ACTIONS = ("unpublish", "remove", "delete_selected")
FORMS = {
    "unpublish": {"published": None},
    "remove": {"removed": "on"},
    "leave": {"story": ""},
    "move": {"story": "{other}"},
    "later": {"published_at_0": "2099-01-01"},
}


def unseen(client, story):
    return client.get(story.get_absolute_url(), follow=True).status_code == 404


def request_for(way, client, lead):
    """Return the address and the data by which an editor takes a lead away in one of the ways."""
    kind, _, name = way.partition(" ")
    if kind == "action":
        return LIST, {"action": name, "_selected_action": [lead.pk], "post": "yes"}
    if kind == "delete":
        return reverse("admin:articles_article_delete", args=[lead.pk]), {"post": "yes"}
    address = reverse("admin:articles_article_change", args=[lead.pk])
    other = make_story(make_article("Another story"), make_article())
    values = {key: value and value.format(other=other.pk) for key, value in FORMS[name].items()}
    sent = form_data(client.get(address)) | values
    return address, {key: value for key, value in sent.items() if value is not None}


def send(client, address, data):
    """Send a request; a bulk action asks first, and is carried out if there is nothing to answer or an answer."""
    response = client.post(address, data, follow=True)
    for asked, _ in response.redirect_chain:
        if "/go/" in asked and ("stories" in data or not response.context["losses"]):
            return client.post(asked, data, follow=True)
    return response


WAYS = [*(f"action {name}" for name in ACTIONS), *(f"form {name}" for name in FORMS), "delete"]


@pytest.fixture
def led():
    lead, low, best = make_article("The lead", quality=90), make_article(quality=60), make_article("Best", quality=75)
    return make_story(lead, low, best), lead, best


@pytest.mark.parametrize("way", WAYS)
def test_the_next_published_article_leads_when_a_lead_is_taken_away(admin_client, led, way):
    story, lead, best = led
    Article.objects.filter(pk=best.pk).update(published=True)

    page = send(admin_client, *request_for(way, admin_client, lead)).content.decode()

    story.refresh_from_db()
    assert story.lead == best
    assert not unseen(admin_client, story)
    assert "“<bdi>Best</bdi>” leads its story now." in page


@pytest.mark.parametrize("way", WAYS)
def test_an_editor_is_asked_before_a_story_is_hidden(admin_client, led, way):
    story, lead, best = led
    address, data = request_for(way, admin_client, lead)

    page = send(admin_client, address, data).content.decode()

    said = "is the lead of a story with 3 articles. None of the others is published, so readers will no longer see"
    assert said in page
    assert "Best" in page
    story.refresh_from_db()
    assert story.lead == lead
    assert not unseen(admin_client, story)

    page = send(admin_client, address, data | {"stories": "next"}).content.decode()

    story.refresh_from_db()
    best.refresh_from_db()
    assert (story.lead, best.published) == (best, True)
    assert not unseen(admin_client, story)
    assert "Published: “<bdi>Best</bdi>”." in page
    assert "“<bdi>Best</bdi>” leads its story now." in page
    assert Change.objects.get(article=best).deltas == {"published": [False, True]}


@pytest.mark.parametrize("way", ["action unpublish", "form unpublish", "delete"])
def test_an_editor_hides_a_story(admin_client, led, way):
    story, lead, _ = led
    address, data = request_for(way, admin_client, lead)

    page = send(admin_client, address, data | {"stories": "hide"}).content.decode()

    assert unseen(admin_client, story)
    assert "Readers no longer see these stories: “<bdi>The lead</bdi>”." in page


def test_the_page_that_asks_sends_the_same_request_again(admin_client, led):
    story, lead, best = led
    address, data = request_for("action delete_selected", admin_client, lead)

    response = send(admin_client, address, data | {"select_across": "0"})

    assert ("action", "delete_selected") in response.context["sent"]
    again = {**dict(response.context["sent"]), response.context["name"]: "next"}
    send(admin_client, address, again)
    story.refresh_from_db()
    assert story.lead == best


def test_who_may_only_delete_cannot_publish_the_next_lead(logged_in, led):
    _, lead, best = led
    client = logged_in("view_article", "delete_article", "delete_articletopic")
    address, data = request_for("delete", client, lead)

    assert "publish it" not in client.post(address, data | {"stories": "next"}).content.decode()

    best.refresh_from_db()
    assert not best.published


def test_nobody_is_asked_where_no_story_is_lost(admin_client):
    alone, single = make_article(), make_article()
    make_story(single)
    hidden = make_story(make_article(published=False), make_article())
    whole = make_story(make_article(), make_article())
    chosen = [alone, single, *hidden.articles.all(), *whole.articles.all()]

    data = {"action": "unpublish", "_selected_action": [article.pk for article in chosen]}
    assert admin_client.post(LIST, data, follow=True).context["losses"] == []


def test_articles_that_readers_cannot_see_yet_do_not_lead(admin_client, led):
    story, lead, best = led
    Article.objects.filter(pk=best.pk).update(published=True, published_at=datetime(2099, 1, 1, tzinfo=UTC))
    address, data = request_for("action unpublish", admin_client, lead)

    send(admin_client, address, data | {"stories": "next"})

    assert not unseen(admin_client, story)
    assert Article.objects.get(leads=story).quality == 60


def test_what_an_editor_unpublished_does_not_lead_again_by_itself(admin_client, led):
    story, lead, best = led
    for article in (best, lead):
        Article.objects.filter(pk=article.pk).update(published=True)
        send(admin_client, LIST, {"action": "unpublish", "_selected_action": [article.pk], "stories": "next"})

    assert Article.objects.get(leads=story).quality == 60


def test_a_chosen_lead_that_is_unpublished_leaves_the_lead_to_a_published_article(admin_client, led):
    story, lead, best = led
    admin_client.post(reverse("desk_story", args=[story.pk]), {"do": "lead", "article": best.pk})

    send(admin_client, *request_for("action unpublish", admin_client, best))

    assert Article.objects.get(leads=story) == lead
    send(admin_client, LIST, {"action": "publish", "_selected_action": [best.pk]})
    assert Article.objects.get(leads=story) == best


def test_following_a_file_again_does_not_hide_a_story(admin_client):
    import_files(make_story_files("a", "b", published=False, heat=-1))
    article = Article.objects.get(stem="a")
    send(admin_client, LIST, {"action": "publish", "_selected_action": [article.pk]})

    address = reverse("admin:articles_article_values", args=[article.pk])
    page = send(admin_client, address, {"field": "published"}).content.decode()

    assert "is the lead of a story with 2 articles" in page
    assert not unseen(admin_client, article.story)


@pytest.mark.parametrize("gone", [{"published": False}, {"published": False, "removed": True}])
def test_a_file_that_takes_its_lead_away_leaves_the_lead_to_what_an_editor_published(admin_client, gone):
    of_a, of_b = {"related": [make_related("b")]}, {"related": [make_related("a")], "published": False, "heat": -1}
    import_files([make_file("a", published=True, heat=90, **of_a), make_file("b", **of_b)])
    b = Article.objects.get(stem="b")
    send(admin_client, LIST, {"action": "publish", "_selected_action": [b.pk]})

    import_files([make_file("a", heat=-1, **of_a, **gone)])

    assert Article.objects.get(leads=b.story).stem == "b"
    assert not unseen(admin_client, b.story)
    assert not Conflict.objects.exists()


def step(client, story, do, /, **sent):
    """Press a button of a story's page and return what the next page says."""
    address = reverse("desk_story", args=[story.pk])
    answer = client.post(address, {"do": do, **sent})
    if answer.status_code == 302:
        answer = confirm(client, answer) if "/combine/" in answer.url else client.get(answer.url)
    return " ".join(message.message for message in answer.context["messages"])


def test_each_step_in_a_story_says_what_is_published_who_leads_and_what_stays(admin_client, led):
    story, lead, best = led

    said = step(admin_client, story, "lead", article=best.pk)
    assert "Published: “<bdi>Best</bdi>”. Leading now: “<bdi>Best</bdi>”." in said
    assert "Still published, as coverage: “<bdi>The lead</bdi>”." in said

    said = step(admin_client, story, f"undo-{Action.objects.filter(kind='lead').get().pk}")
    assert "No longer published: “<bdi>Best</bdi>”. Leading now: “<bdi>The lead</bdi>”." in said

    said = step(admin_client, story, "split", article=best.pk)
    assert "Published: “<bdi>Best</bdi>”. Leading now: “<bdi>Best</bdi>”." in said

    said = step(admin_client, story, "withdraw", article=lead.pk)
    last = story.articles.get()
    assert f"Published: “<bdi>{last}</bdi>”. Leading now: “<bdi>{last}</bdi>”." in said

    said = step(admin_client, Story.objects.get(lead=best), "merge", story=story.pk)
    assert "Leading now: “<bdi>Best</bdi>”. Still published, as coverage:" in said

    coverage = make_article("Small <i>", quality=5, published=False, heat=-1, story=story)
    said = step(admin_client, story, "withdraw", article=coverage.pk)
    assert "Readers do not see: “<bdi>Small &lt;i&gt;</bdi>”." in said


def test_an_undo_hides_no_story_that_lost_its_lead_meanwhile(admin_client, led):
    story, lead, best = led
    step(admin_client, story, "lead", article=best.pk)
    send(admin_client, *request_for("action unpublish", admin_client, lead))

    step(admin_client, story, f"undo-{Action.objects.filter(kind='lead').get().pk}")

    assert not unseen(admin_client, story)


def test_an_article_of_the_future_cannot_be_made_the_lead(admin_client, led):
    story, lead, best = led
    Article.objects.filter(pk=best.pk).update(published_at=datetime(2099, 1, 1, tzinfo=UTC))

    told = step(admin_client, story, "lead", article=best.pk)
    assert "It cannot lead before its time, 2099-01-01 00:00 UTC, nor after its end." in told
    assert Article.objects.get(leads=story) == lead


def test_unpublishing_coverage_says_that_readers_still_see_it(admin_client, led):
    story, _, best = led
    page = admin_client.post(*request_for("action unpublish", admin_client, best), follow=True).content.decode()

    assert "Readers still see “<bdi>Best</bdi>” as coverage" in page
    assert "remove it" in page
    page = send(admin_client, *request_for("action unpublish", admin_client, best)).content.decode()
    assert ">Coverage</span></td>" in page
    assert "Best" in admin_client.get(story.get_absolute_url()).content.decode()
    assert ">Coverage</span>" in admin_client.get(reverse("desk_story", args=[story.pk])).content.decode()

    page = send(admin_client, *request_for("action remove", admin_client, best)).content.decode()
    assert "Readers still see" not in page
    assert "Best" not in admin_client.get(story.get_absolute_url()).content.decode()


def test_coverage_that_is_unpublished_in_its_form_says_so_too(admin_client, led):
    *_, best = led
    Article.objects.filter(pk=best.pk).update(published=True)

    page = send(admin_client, *request_for("form unpublish", admin_client, best)).content.decode()

    assert "Readers still see “<bdi>Best</bdi>” as coverage" in page


def test_a_file_that_unpublishes_a_chosen_lead_leaves_the_lead_to_a_published_article(admin_client):
    of_a, of_b = {"related": [make_related("b")]}, {"related": [make_related("a")]}
    import_files([make_file("a", published=True, heat=90, quality=90, **of_a), make_file("b", published=True, **of_b)])
    b = Article.objects.get(stem="b")
    step(admin_client, b.story, "lead", article=b.pk)

    import_files([make_file("b", published=False, **of_b)])

    assert Article.objects.get(leads=b.story).stem == "a"
    assert not unseen(admin_client, b.story)


def test_a_file_may_hide_a_story_that_no_editor_published(admin_client):
    import_files(make_story_files("a", "b", published=True, heat=90))
    story = Article.objects.get(stem="a").story

    import_files(make_story_files("a", "b", published=False, heat=90))

    assert unseen(admin_client, story)
