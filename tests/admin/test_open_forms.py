"""Forms that are open while an import runs."""

import pytest
from django.urls import reverse

from articles.frontmatter import Kind
from articles.models import (
    Article,
    Change,
    Conflict,
    Provider,
)
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.admin.forms import form_data
from tests.factories import (
    make_article,
    make_file,
    make_provider,
    make_story,
    make_story_files,
    make_topic,
)

pytestmark = pytest.mark.django_db


def test_saving_a_form_writes_only_what_the_editor_changed(editor_client):
    import_files([make_file("a", title="Old", excerpt="Old.")])
    article = Article.objects.get()
    address = reverse("admin:articles_article_change", args=[article.pk])
    data = form_data(editor_client.get(address)) | {"excerpt": "Edited."}

    import_files([make_file("a", title="New", excerpt="Old.")])
    assert editor_client.post(address, data).status_code == 302

    article.refresh_from_db()
    assert (article.title, article.excerpt) == ("New", "Edited.")


def test_a_field_changed_by_an_import_and_in_an_open_form_is_a_conflict(editor_client):
    import_files([make_file("a", title="Old", excerpt="Two\r\nlines", quality=60)])
    address = reverse("admin:articles_article_change", args=[Article.objects.get().pk])
    edits = {"title": "Edited", "excerpt": "Edited", "quality": "70", "published_at_1": "13:00:00"}
    data = form_data(editor_client.get(address)) | edits

    import_files([make_file("a", title="New", excerpt="Two\r\nlines", quality=80)])
    assert editor_client.post(address, data).status_code == 302

    told = {c.field: (c.base, c.ours, c.theirs) for c in Conflict.objects.open()}
    assert told == {"title": ("Old", "Edited", "New"), "quality": (60, 70, 80)}
    assert Article.objects.get().title == "Edited"


def topics_of(article):
    return list(article.topic_links.order_by("position", "pk").values_list("tag__name", flat=True))


@pytest.mark.parametrize("after", [["B", "A"], ["B"], ["A", "B", "C"], ["C"]])
def test_an_open_form_keeps_an_imports_changes_of_topics(opened, after):
    import_files([make_file("a", topics=["A", "B"])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", topics=after)])
    send(title="Edited")

    assert topics_of(article) == after
    assert Change.objects.first().deltas == {"title": ["Title of a", "Edited"]}


def test_an_open_form_keeps_an_imports_changes_of_images(opened):
    image = {"url": "https://i.example/a.jpg", "title": "Old"}
    import_files([make_file("a", images=[image, {"url": "https://i.example/gone.jpg"}])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=[{**image, "title": "New"}])])
    send(title="Edited")

    assert [picture.title for picture in article.images.all()] == ["New"]


def test_changes_of_topics_by_an_editor_and_an_import_are_both_kept(opened):
    import_files([make_file("a", topics=["A", "B"])])
    article, mine = Article.objects.get(), make_topic("Mine")
    send = opened(article)

    import_files([make_file("a", topics=["B", "Theirs"])])
    send(**{"topic_links-TOTAL_FORMS": "3", "topic_links-2-tag": mine.pk, "topic_links-2-id": ""})

    assert set(topics_of(article)) == {"B", "Mine", "Theirs"}
    assert not Conflict.objects.exists()


def test_a_topic_added_by_both_an_editor_and_an_import_is_stored_once(opened):
    import_files([make_file("a", topics=["A"])])
    article, both = Article.objects.get(), make_topic("Both")
    send = opened(article)

    import_files([make_file("a", topics=["A", "Both"])])
    send(**{"topic_links-TOTAL_FORMS": "2", "topic_links-1-tag": both.pk, "topic_links-1-id": ""})

    assert topics_of(article) == ["A", "Both"]


def test_two_topics_can_be_swapped(opened):
    one, other = make_topic("One"), make_topic("Other")
    article = make_article(topics=[one, other])

    opened(article)(**{"topic_links-0-tag": other.pk, "topic_links-1-tag": one.pk})

    assert topics_of(article) == ["Other", "One"]


def test_a_new_topic_goes_last(opened):
    article = make_article(topics=[make_topic("One"), make_topic("Two")])
    new = make_topic("New")

    opened(article)(**{"topic_links-TOTAL_FORMS": "3", "topic_links-2-tag": new.pk})

    assert topics_of(article) == ["One", "Two", "New"]


def test_an_image_changed_by_both_an_editor_and_an_import_is_a_conflict(opened):
    image = {"url": "https://i.example/a.jpg", "title": "Old"}
    import_files([make_file("a", images=[image])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=[{**image, "title": "New"}])])
    send(**{"images-0-title": "Edited"})

    conflict = Conflict.objects.get()
    titles = [[item.get("title") for item in value] for value in (conflict.base, conflict.ours, conflict.theirs)]
    assert titles == [["Old"], ["Edited"], ["New"]]
    assert article.images.get().title == "Edited"


def test_an_image_changed_by_an_editor_and_dropped_by_an_import_is_a_conflict(opened):
    import_files([make_file("a", images=[{"url": "https://i.example/a.jpg"}])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=None)])
    send(**{"images-0-title": "Edited"})

    assert Conflict.objects.get().field == "images"
    assert article.images.get().title == "Edited"


@pytest.mark.parametrize("field", ["provider", "story"])
def test_a_provider_or_story_changed_by_both_an_editor_and_an_import_is_a_conflict(opened, field):
    import_files(make_story_files("a", "b"))
    article = Article.objects.get(stem="a")
    mine = make_provider("mine.example") if field == "provider" else make_story(make_article())
    send = opened(article)

    import_files([make_file("a", provider={"name": "New", "domain": "new.example"}), make_file("b")])
    send(**{field: mine.pk})

    assert getattr(Article.objects.get(stem="a"), field) == mine
    assert Conflict.objects.get().field == field


def test_a_form_can_be_saved_after_its_story_was_deleted(opened):
    import_files(make_story_files("a", "b"))
    article = Article.objects.get(stem="a")
    send = opened(article)

    import_files([make_file("a"), make_file("b")])
    send(title="Edited")

    article.refresh_from_db()
    assert (article.title, article.story) == ("Edited", None)


def found_organization(name, description):
    text = f'---\nname: "{name}"\ndomain: "gazette.example"\ndescription: "{description}"\n---\n'
    return FoundFile("_organizations/gazette.md", Kind.ORGANIZATION, "harbour", "gazette", text.encode())


def test_an_open_form_keeps_an_imports_changes_of_a_provider(editor_client):
    import_files([found_organization("Old", "Old")])
    provider = Provider.objects.get()
    address = reverse("admin:articles_provider_change", args=[provider.pk])
    data = form_data(editor_client.get(address)) | {"name": "Edited", "other_names": "Mine"}

    import_files([found_organization("New", "New")])
    assert editor_client.post(address, data).status_code == 302

    provider.refresh_from_db()
    assert (provider.name, provider.description, provider.other_names) == ("Edited", "New", ["Mine"])
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == ("name", "Old", "Edited", "New")


@pytest.mark.parametrize(("values", "titles"), [({"title": "Edited"}, ["Edited"]), ({}, [])])
def test_a_deleted_link_comes_back_only_if_the_editor_changed_it(editor_client, one_of_each, values, titles):
    story = one_of_each["story"]
    address = reverse("admin:articles_story_change", args=[story.pk])
    data = form_data(editor_client.get(address)) | {f"links-0-{name}": value for name, value in values.items()}
    story.links.all().delete()

    response = editor_client.post(address, data)

    assert response.status_code == 302, response.context["errors"]
    assert [link.title for link in story.links.all()] == titles
