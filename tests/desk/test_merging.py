"""The pages on which editors merge outlets and topics."""

import pytest
from django.urls import reverse

from articles.models import Action, Provider, Topic
from tests.admin import effects
from tests.admin.forms import form_data
from tests.factories import make_article, make_provider, make_topic

pytestmark = pytest.mark.django_db
PAGES = {"outlets": "/admin/desk/outlets/merge/", "topics": "/admin/desk/topics/merge/"}


@pytest.fixture
def doubles():
    """Outlets and topics that are likely the same, and others that are not."""
    outlets = [
        make_provider(domain, name=name)
        for domain, name in (
            ("gazette.example", "The Gazette"),
            ("www.gazette.example", "Gazette Online"),
            ("sport.gazette.example", "Gazette Sport"),
            ("herald.example.org", "The Herald"),
            ("herald.other.example", "the herald"),
            ("a.blogspot.com", "One"),
            ("b.blogspot.com", "Two"),
            ("north.co.uk", "North"),
            ("south.co.uk", "South"),
        )
    ]
    topics = [make_topic(name, slug=f"t{n}") for n, name in enumerate(("Ferry", "ferries", "Data  Center", "Boss"))]
    topics += [make_topic("Datacenters", slug="t9"), make_topic("Bos", slug="t8")]
    for topic in topics:
        make_article(topics=[topic], provider=outlets[0])
    make_article(topics=[topics[0]], provider=outlets[1])
    return outlets, topics


def test_what_is_likely_the_same_is_offered(desk, doubles, django_assert_max_num_queries):
    found = {}
    for kind, page in PAGES.items():
        with django_assert_max_num_queries(15):
            likely = desk.get(page).context["likely"]
        found[kind] = [{row.name for row in group} for group, _ in likely]

    assert found["outlets"] == [
        {"The Gazette", "Gazette Online"},
        {"The Herald", "the herald"},
        {"The Gazette", "Gazette Online", "Gazette Sport"},
    ]
    assert {"One", "Two"} not in found["outlets"]
    assert {"North", "South"} not in found["outlets"]
    assert found["topics"] == [{"Data  Center", "Datacenters"}, {"Ferry", "ferries"}]


def test_the_page_says_before_what_will_change_and_keeps_the_larger_by_default(
    desk, doubles, django_assert_max_num_queries
):
    (kept, gone, *_), _ = doubles
    with django_assert_max_num_queries(15):
        page = desk.get(PAGES["outlets"], {"pk": [gone.pk, kept.pk], "q": "gazette"})
    text = page.content.decode()

    assert "6 articles" in text
    assert f'value="{kept.pk}" checked' in text
    assert "Gazette Sport" in text  # found
    assert not Action.objects.exists()


def test_choosing_in_the_list_merging_and_undoing(desk, doubles):
    _, (kept, gone, *_) = doubles
    data = {"action": "merge", "_selected_action": [kept.pk, gone.pk]}

    page = desk.post("/admin/articles/topic/", data, follow=True)
    assert len(page.context["chosen"]) == 2
    page = desk.post(PAGES["topics"], {"pk": [kept.pk, gone.pk], "into": kept.pk, "reason": "One"}, follow=True)

    action = Action.objects.get()
    assert "Merged the topic “ferries” into “Ferry”: 1 article (One)" in page.content.decode()
    assert not Topic.objects.filter(pk=gone.pk).exists()
    log = desk.get(reverse("admin:articles_action_change", args=[action.pk]))
    assert log.context["may_undo"]
    desk.post(reverse("admin:articles_action_undo", args=[action.pk]))
    assert Topic.objects.get(pk=gone.pk).article_links.count() == 1


def test_odd_choices_are_refused_in_words(desk, doubles):
    (kept, gone, *_), _ = doubles
    for sent, message in (
        ({"pk": [kept.pk, gone.pk]}, "Choose the outlet that is kept"),
        ({"pk": [kept.pk], "into": kept.pk}, "Choose from two"),
        ({"pk": [kept.pk, 987654], "into": kept.pk}, "One of them is gone"),
        ({"pk": ["x", "\0", "9" * 40], "into": "-1"}, "Choose the outlet"),
    ):
        page = desk.post(PAGES["outlets"], sent, follow=True)
        assert message in page.content.decode(), sent
    assert Provider.objects.filter(pk=gone.pk).exists()
    assert desk.get(PAGES["outlets"], {"pk": ["x", "\0", "9" * 40], "q": "\0"}).status_code == 200


def test_merging_takes_every_right_to_what_it_changes(client, doubles):
    (kept, gone, *_), _ = doubles
    needed = ["add_provider", "change_provider", "change_article"]
    for number, left_out in enumerate(needed):
        client.force_login(effects.staff(*(right for right in needed if right != left_out), name=f"ed{number}"))
        sent = {"pk": [kept.pk, gone.pk], "into": kept.pk}
        assert client.post(PAGES["outlets"], sent).status_code == 403, left_out
    client.force_login(effects.staff("view_provider", name="viewer"))
    assert "You may look, but not merge" in client.get(PAGES["outlets"], {"pk": [kept.pk, gone.pk]}).content.decode()
    client.force_login(effects.staff("view_topic", name="other"))
    assert client.get(PAGES["outlets"]).status_code == 403
    assert b"<button name=" not in client.get("/admin/desk/topics/").content


def test_an_outlet_cannot_take_the_domain_of_one_that_was_merged(desk, doubles):
    (kept, gone, *_), _ = doubles
    desk.post(PAGES["outlets"], {"pk": [kept.pk, gone.pk], "into": kept.pk})
    url = reverse("admin:articles_provider_add")
    data = form_data(desk.get(url)) | {"name": "Again", "domain": "www.gazette.example"}

    assert "was merged into “The Gazette”" in desk.post(url, data).content.decode()
