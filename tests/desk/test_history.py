"""What changed is told readably, comes back field by field or as a whole, and that is undone like anything else."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from articles.models import Action, ActionRow, Article, ArticleTag, Boost, Change, ImportRun, Provider, Source, Topic
from articles.stories import editing, undo
from articles.sync.importer import import_files
from tests.admin.everything import fields
from tests.admin.forms import change, form_data
from tests.factories import make_article, make_file, make_provider, make_source, make_story, make_topic

pytestmark = pytest.mark.django_db


def history(client, row, **asked):
    return unescape(client.get(f"/admin/articles/{row._meta.model_name}/{row.pk}/history/", asked).content.decode())


def restore(client, row, field="", **sent):
    """Restore what a row's newest change took, or all of it. Return the last answer's text."""
    of = ActionRow.objects.filter(model=row._meta.model_name, key=row.pk).exclude(before={}, after={}).last()
    address = reverse("desk_restore", args=[(of or last_row(row)).pk])
    shown = client.get(address, {"field": field})
    return unescape(client.post(address, fields(shown) | sent, follow=True).content.decode())


def last_row(row):
    return ActionRow.objects.filter(model=row._meta.model_name, key=row.pk).last()


def edited_rows():
    """Return rows of each kind, with a field, another value for it, and the words that tell of that change."""
    article = make_article("Ferry stops")
    boost = Boost.objects.create(article=article, points=5, reason="Big news")
    return [
        (article, "title", "Ferry sinks", ["<del> stops</del>", "<ins> sinks</ins>"]),
        (make_topic("Harbour"), "name", "Quay", ["<del>Harbour</del>", "<ins>Quay</ins>"]),
        (make_provider(), "description", "Old <b> words", ["<ins>Old <b> words</ins>"]),
        (make_source(), "heat_weight", "33", ["<del>20</del>", "<ins>33</ins>"]),
        (boost, "reason", "Big mistake", ["Big", "<del> news</del>", "<ins> mistake</ins>"]),
    ]


def test_a_change_is_told_with_marks_restored_and_undone_whatever_it_is_about(admin_client):
    for row, field, value, words in edited_rows():
        before = getattr(row, field)
        change(admin_client, row, **{field: value})

        page = history(admin_client, row)
        assert [word for word in words if word not in page] == [], row
        assert "admin</bdi>, " in page

        assert "Restored " in restore(admin_client, row, field)
        row.refresh_from_db()
        assert getattr(row, field) == before
        undo.undo(Action.objects.get(kind="restore", about=row._meta.model_name), User.objects.get())
        row.refresh_from_db()
        assert str(getattr(row, field)) == value


def test_marks_are_read_out_too(admin_client):
    article = make_article("Ferry stops")
    change(admin_client, article, title="Ferry sinks")

    page = history(admin_client, article)

    assert "[removed:] </span><del> stops</del>" in page
    assert "[added:] </span><ins> sinks</ins>" in page


def test_what_an_import_changed_is_told_as_taken_from_the_file(admin_client):
    for title in ("Ferry stops", "Ferry sinks"):
        import_files([make_file("a", title=title)])

    page = history(admin_client, Article.objects.get())

    assert "<h2>Taken from the file</h2>" in page
    assert "<del> stops</del>" in page
    assert "An editor" not in page


def test_an_edit_is_told_once_and_one_of_an_earlier_release_is_told_still(admin_client):
    article = make_article("One")
    change(admin_client, article, title="Two")
    Change.objects.create(article=article, deltas={"title": ["Zero", "One"]}, user=User.objects.get())

    page = history(admin_client, article)

    assert page.count("<ins>Two</ins>") == 1
    assert page.count("<del>Zero</del>") == 1


def test_a_version_comes_back_as_a_whole(admin_client):
    article = make_article("One", topics=[make_topic("Harbour")], tags=["US"], excerpt="First")
    form = form_data(admin_client.get(f"/admin/articles/article/{article.pk}/change/"))
    sent = form | {"title": "Two", "topic_links-0-DELETE": "on", "tags-0-name": "DE"}
    admin_client.post(f"/admin/articles/article/{article.pk}/change/", sent)
    first = last_row(article)
    change(admin_client, article, title="Three", excerpt="Second")

    address = reverse("desk_restore", args=[first.pk])
    admin_client.post(address, fields(admin_client.get(address)))

    article.refresh_from_db()
    assert (article.title, article.excerpt) == ("One", "First")
    assert [topic.name for topic in article.topic_links.all()] == ["Harbour"]
    assert list(ArticleTag.objects.values_list("name", flat=True)) == ["US"]
    assert "Restored title, excerpt, topics, tags of" in Action.objects.first().what


def test_what_an_import_changed_since_comes_back_if_all_of_it_is_known(admin_client):
    long = "The harbour " * 20
    import_files([make_file("a", title="One", excerpt=long, quality=10)])
    article = Article.objects.get()
    change(admin_client, article, web_url="https://gazette.example/other")
    import_files([make_file("a", title="Two", excerpt=f"{long} again", quality=20)])
    address = reverse("desk_restore", args=[last_row(article).pk])

    page = admin_client.get(address)
    admin_client.post(address, fields(page))

    article.refresh_from_db()
    assert (article.title, article.quality, article.web_url) == ("One", 10, "https://gazette.example/a")
    assert article.excerpt.endswith("again")
    assert "stay as they are: excerpt." in page.content.decode()


def test_a_lead_is_not_hidden_by_restoring_without_a_question(admin_client):
    lead = make_article("Lead", published=False)
    story = make_story(lead, make_article("Member"))
    change(admin_client, lead, published="on")

    page = restore(admin_client, lead, "published")

    assert "Choose what becomes of it." in page
    assert Article.objects.get(pk=lead.pk).published
    restore(admin_client, lead, "published", stories="next")
    story.refresh_from_db()
    assert (story.lead.title, story.lead.published) == ("Member", True)
    undo.undo(Action.objects.first(), User.objects.get())
    story.refresh_from_db()
    assert story.lead == lead


def test_what_somebody_changed_meanwhile_is_not_overwritten_by_restoring(admin_client):
    article = make_article("One")
    change(admin_client, article, title="Two")
    address = reverse("desk_restore", args=[last_row(article).pk])
    seen = fields(admin_client.get(address, {"field": "title"}))
    change(admin_client, article, title="Three")

    page = admin_client.post(address, seen).content.decode()

    assert "Somebody changed this meanwhile." in page
    assert Article.objects.get().title == "Three"
    admin_client.post(address, fields(admin_client.get(address, {"field": "title"})))
    assert Article.objects.get().title == "One"


def test_what_a_form_would_refuse_is_not_restored(admin_client):
    topic = make_topic("Harbour")
    change(admin_client, topic, name="Quay", slug="quay")
    make_topic("Harbour", slug="other")

    page = restore(admin_client, topic, "name")

    assert "Nothing was changed: " in page
    assert Topic.objects.get(pk=topic.pk).name == "Quay"


def test_restoring_takes_the_right_to_change_what_it_changes(client, admin_client):
    article = make_article("One")
    change(admin_client, article, title="Two")
    editing.gather([article, make_article()], User.objects.get())
    address = reverse("desk_restore", args=[ActionRow.objects.filter(model="article", key=article.pk).first().pk])
    user = User.objects.create_user("ed", is_staff=True)
    client.force_login(user)

    for rights, field, status in (
        (["view_article"], "title", 403),
        (["change_article"], "title", 200),
        (["change_article"], "", 403),  # it would leave its story
        (["change_article", "change_story"], "", 200),
    ):
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        assert client.get(address, {"field": field}).status_code == status, (rights, field)


def test_a_storys_history_has_its_texts_and_its_steps(admin_client):
    story = make_story(make_article("Lead"), make_article("Member"))
    editing.write(story, "Headline", "", User.objects.get())
    editing.withdraw([Article.objects.get(title="Member")], User.objects.get())

    page = history(admin_client, story)

    assert "<ins>Headline</ins>" in page
    assert "“Member”" in page
    of = ActionRow.objects.get(model="story", after__has_key="headline")
    address = reverse("desk_restore", args=[of.pk])
    admin_client.post(address, fields(admin_client.get(address)))
    story.refresh_from_db()
    assert (story.headline, story.articles.count()) == ("", 1)


def test_a_record_of_an_import_leads_to_what_it_changed(admin_client):
    import_files([make_file(name, title=name) for name in "abc"])
    import_files([make_file("a", title="A <b>"), make_file("b", title="B", quality=9), make_file("c", title="c")])
    run = ImportRun.objects.first() if ImportRun._meta.ordering else ImportRun.objects.latest("pk")
    address = reverse("desk_imported", args=[run.pk])

    record = admin_client.get(f"/admin/articles/importrun/{run.pk}/change/").content.decode()
    page = unescape(admin_client.get(address).content.decode())
    only = unescape(admin_client.get(address, {"field": "quality"}).content.decode())

    assert f'href="{address}"' in record
    assert "title: 2" in page
    assert "quality: 1" in page
    assert "<ins>A <b></ins>" in page
    assert "A <b>" not in only
    assert "<ins>9</ins>" in only


def test_the_log_of_deleted_things_names_them(admin_client):
    topic, provider, source = make_topic("Harbour"), make_provider(), make_source("empty")
    for row in (topic, provider, source):
        admin_client.post(f"/admin/articles/{row._meta.model_name}/{row.pk}/delete/", {"post": "yes"})

    page = unescape(admin_client.get("/admin/desk/log/").content.decode())

    assert [name for name in ("Harbour", "gazette", "empty") if f"“{name}”" not in page] == []
    for action in Action.objects.all():
        page = admin_client.get(f"/admin/articles/action/{action.pk}/change/").content.decode()
        assert "(deleted)" in page
        undo.undo(action, User.objects.get())
    assert (Topic.objects.get(), Provider.objects.get(), Source.objects.get(name="empty")) == (topic, provider, source)


def test_a_deleted_topic_whose_name_is_taken_again_says_so(admin_client):
    topic = make_topic("Harbour")
    admin_client.post(f"/admin/articles/topic/{topic.pk}/delete/", {"post": "yes"})
    again = make_topic("Harbour")

    with pytest.raises(undo.UndoError, match="The topic “Harbour” has the same name by now") as no:
        undo.undo(Action.objects.get(), User.objects.get())
    assert no.value.row == again
    change(admin_client, again, name="Quay", slug="quay")
    undo.undo(Action.objects.get(kind="delete"), User.objects.get())
    change(admin_client, topic, name="Port", slug="port")
    change(admin_client, again, name="Harbour", slug="harbour")
    renamed = Action.objects.filter(kind="change")[1]
    with pytest.raises(undo.UndoError, match="Undo that first") as no:
        undo.undo(renamed, User.objects.get())
    assert no.value.in_the_way == Action.objects.first()


def test_the_page_before_a_deletion_names_what_will_go_as_editors_know_it(admin_client):
    import_files([make_file(name, title=f"Title {name}", topics=["Harbour"]) for name in "ab"])
    article, topic = Article.objects.first(), Topic.objects.get()
    Boost.objects.create(article=article, points=5, reason="Big news")
    for row, words in (
        (article, ["Boost: ", "+5 for Title", "Topic: Harbour"]),
        (topic, ["Taken off the article <bdi>Title a</bdi>", "Taken off the article <bdi>Title b</bdi>"]),
    ):
        page = admin_client.get(f"/admin/articles/{row._meta.model_name}/{row.pk}/delete/").content.decode()

        page = page.partition('id="content"')[2]
        assert [word for word in words if word not in page] == [], row
        assert re.findall(r"[0-9a-f]{16}|object \(", page) == []


def test_a_field_that_was_taken_from_a_file_is_restored(admin_client):
    for title, excerpt in (("One", "The harbour " * 20), ("Two", "The quay " * 20)):
        import_files([make_file("a", title=title, excerpt=excerpt)])
    page, change_ = history(admin_client, Article.objects.get()), Change.objects.get()
    address = reverse("desk_restore_imported", args=[change_.pk])

    assert f'href="{address}?field=title"' in page
    assert "?field=excerpt" not in page  # only a part of it is kept
    admin_client.post(address, fields(admin_client.get(address, {"field": "title"})))
    assert Article.objects.get().title == "One"
    import_files([make_file("a", title="Two", excerpt="Another")])
    assert Article.objects.get().title == "One"  # it is an edit
    assert admin_client.get(address, {"field": "excerpt"}).status_code == 302
