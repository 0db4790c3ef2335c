"""An article's form: what readers will see beside it, both values of a field, known addresses, pictures."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Action, Article, ArticleImage, Conflict
from articles.stories import undo
from articles.suggestions import matching
from articles.sync.importer import import_files
from tests.admin.forms import form_data
from tests.admin.test_pictures import upload
from tests.factories import make_article, make_file, make_provider, make_source, make_story, make_topic

pytestmark = pytest.mark.django_db
ADD = "/admin/articles/article/add/"
LOOKS = ("page", "card", "share")


def form(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def preview(article):
    return reverse("admin:articles_article_preview", args=[article.pk])


def in_every_state():
    now, hour = timezone.now(), timedelta(hours=1)
    lead, member = make_article("Lead", quality=90), make_article("Coverage", published=False, heat=-1)
    make_story(lead, member)
    return [
        lead,
        member,
        make_article("New", published=False),
        make_article("Scheduled", live_at=now + hour),
        make_article("Ended", published_at=now - 2 * hour, ends_at=now - hour),
        make_article("Removed", removed=True, withdrawal_note="Withdrawn, says the note"),
    ]


def test_a_preview_shows_an_article_in_any_state_and_to_nobody_else(editor_client, client):
    for article in in_every_state():
        for look in LOOKS:
            response = editor_client.get(preview(article), {"as": look})
            page = response.content.decode()

            shown = "Withdrawn, says the note" if (article.removed and look == "page") else article.title
            assert shown in page, (article, look)
            assert response["X-Robots-Tag"] == "noindex"
            assert '<meta name="robots" content="noindex">' in page
            assert "no-store" in response["Cache-Control"]
            assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
            assert response["X-Frame-Options"] == "SAMEORIGIN"
        editor_client.logout()
        assert client.get(preview(article)).status_code == 302  # to the page to log in
        assert client.get(article.get_absolute_url()).status_code == {"Lead": 200, "Removed": 410}.get(
            article.title, 404
        )
        editor_client.force_login(editor_client.editor)


def test_a_preview_shows_what_is_typed_and_stores_nothing(editor_client):
    article = make_article("Stored", published=False, topics=[make_topic("Harbour")])
    tides = make_topic("Tides")
    typed = form_data(editor_client.get(form(article))) | {
        "title": "Typed <b>title</b>", "excerpt": "Typed excerpt",
        "topic_links-TOTAL_FORMS": "2", "topic_links-1-tag": tides.pk, "topic_links-1-position": "0",
    }  # fmt: skip
    before = Article.objects.values().get()

    page, card = (
        editor_client.post(preview(article), typed | {"as": look}).content.decode() for look in ("page", "card")
    )

    for text in ("Typed &lt;b&gt;title&lt;/b&gt;", "Typed excerpt", "Tides"):
        assert (text in page, text in card) == (True, True), text
    assert "Stored" not in page
    assert (Article.objects.values().get(), Action.objects.count()) == (before, 0)


@pytest.mark.parametrize("lacks", ["", "title", "provider", "published_at_0", "source"])
def test_a_new_article_is_previewed_before_it_is_stored(editor_client, lacks):
    typed = form_data(editor_client.get(ADD)) | {
        "title": "Not stored", "provider": make_provider().pk, "source": make_source().pk,
        "published_at_0": "2026-11-01", "published_at_1": "12:00:00", "published": "on",
    }  # fmt: skip
    typed[lacks] = ""
    for look in LOOKS:
        response = editor_client.post("/admin/articles/article/add/preview/", typed | {"as": look})

        assert response.status_code == 200
        assert ("Not stored" in response.content.decode()) == (not lacks)
    assert not Article.objects.exists()


def test_a_preview_has_the_pictures_of_an_article_that_is_not_public(editor_client, logged_in, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    article = make_article(published=False)
    picture = ArticleImage.objects.create(article=article, url="https://i.example/a.png", file="pictures/a.webp")

    assert f'src="{picture.file.url}"' in editor_client.get(preview(article)).content.decode()


def test_nobody_previews_without_the_right_to_look_at_articles(logged_in):
    article = make_article()
    client = logged_in("view_topic")

    assert [client.get(preview(article)).status_code, client.post(preview(article)).status_code] == [403, 403]
    assert client.post("/admin/articles/article/add/preview/", {}).status_code == 403
    assert client.get("/admin/articles/article/known/?url=x").status_code == 403


# Both values of a field


def press(client, article, button, **typed):
    data = form_data(client.get(form(article))) | typed | {"_continue": button}
    response = client.post(form(article), {key: value for key, value in data.items() if value is not None}, follow=True)
    assert response.redirect_chain, response.context["errors"]
    return " ".join(map(str, response.context["messages"]))


def test_the_form_marks_what_an_editor_changed_and_lets_the_field_follow_its_file_again(editor_client):
    import_files([make_file("a", title="The ferry stops today", quality=50)])
    article = Article.objects.get()
    press(editor_client, article, "1", title="The ferry sails today", quality="70")
    page = editor_client.get(form(article)).content.decode()
    assert "<del> sails</del>" in page
    assert "<ins> stops</ins>" in page

    said = press(editor_client, article, "follow title", excerpt="Typed meanwhile")

    article.refresh_from_db()
    assert (article.title, article.quality, article.excerpt) == ("The ferry stops today", 70, "Typed meanwhile")
    assert "Let title of" in said
    assert "excerpt" in said  # one action, which says both
    undo.undo(Action.objects.first(), editor_client.editor)
    article.refresh_from_db()
    assert (article.title, article.excerpt) == ("The ferry sails today", "")


@pytest.mark.parametrize(("choice", "title"), [("ours", "The editor's"), ("theirs", "The file's"), ("base", "Before")])
def test_a_conflict_is_decided_in_the_form(editor_client, conflict, choice, title):
    page = editor_client.get(form(conflict.article)).content.decode()
    assert f'value="resolve title {choice}"' in page

    said = press(editor_client, conflict.article, f"resolve title {choice}")

    assert Article.objects.get().title == title
    assert Conflict.objects.open().count() == 0
    assert "Resolved the conflict about title" in said
    undo.undo(Action.objects.first(), editor_client.editor)
    assert (Article.objects.get().title, Conflict.objects.open().count()) == ("The editor's", 1)
    assert "stays" in press(editor_client, conflict.article, "resolve excerpt theirs")


@pytest.mark.parametrize("rights", [["view_article"], ["change_article"]])
def test_a_conflict_is_decided_only_with_the_right_to(logged_in, conflict, rights):
    client = logged_in(*rights)
    page = client.get(form(conflict.article)).content.decode()
    client.post(form(conflict.article), {"_continue": "resolve title theirs"})

    assert "resolve title" not in page
    assert Article.objects.get().title == "The editor's"


# Addresses that are known


@pytest.mark.parametrize("is_looked_at", [True, False])
@pytest.mark.parametrize("typed", ["https://a.example/ferry", " https://a.example/ferry ", "https://www.a.example/x"])
def test_a_pasted_address_says_at_once_whether_we_have_it(editor_client, is_looked_at, typed):
    outlet = make_provider("a.example")
    article = make_article("Ferry <b>", provider=outlet, web_url="https://a.example/ferry", source=make_source("other"))
    if is_looked_at:
        matching.look_at([article.pk])

    page = editor_client.get("/admin/articles/article/known/", {"url": typed}).content.decode()

    is_known = "ferry" in typed
    assert (form(article) in page, "Ferry &lt;b&gt;" in page) == (is_known, is_known)
    assert ("No article here" in page) == (not is_known)


@pytest.mark.parametrize("typed", ["", "x", "https://", "http://[", "https://a.example/\0", "y" * 5000])
def test_a_pasted_text_that_is_no_address_is_no_error(editor_client, typed):
    assert editor_client.get("/admin/articles/article/known/", {"url": typed}).status_code == 200


# Pictures


def add_pictures(client, article, **more):
    data = form_data(client.get(form(article))) | {"images-TOTAL_FORMS": "2"}
    for n in range(2):
        data |= {f"images-{n}-id": "", f"images-{n}-url": "", f"images-{n}-file": upload(9 + n, 9)}
    return client.post(form(article), data | more)


def test_uploaded_pictures_need_no_address_and_get_the_one_that_readers_have_them_at(
    editor_client, client, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()

    assert add_pictures(editor_client, article).status_code == 302
    images = list(article.images.all())
    assert [image.true_width for image in images] == [9, 10]
    for image in images:
        path = image.url.removeprefix(settings.NEWSROOM_BASE_URL)
        assert path.startswith(f"/pictures/a/{image.pk}/original.")
        assert client.get(path).status_code == 200
    press(editor_client, article, "1", **{"images-0-title": "Words"})
    again = list(article.images.all())
    assert [(one.pk, one.url, one.file.name) for one in again] == [(one.pk, one.url, one.file.name) for one in images]
    assert f'class="thumbnail" src="{images[0].file.url}"' in editor_client.get(form(article)).content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"images-0-file": ""}, "Enter an address, or choose a picture."),
        ({"images-0-file": upload(16_001, 8)}, "Expected at most"),
    ],
)
def test_a_picture_needs_an_address_or_a_file(editor_client, sent, said):
    article = make_article()
    page = add_pictures(editor_client, article, **{"images-0-title": "Words"} | sent)

    assert said in page.content.decode()
    assert not article.images.exists()


def test_the_only_copy_of_a_picture_is_not_cleared_but_deleted_with_it(editor_client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()
    add_pictures(editor_client, article)
    data = form_data(editor_client.get(form(article)))

    page = editor_client.post(form(article), data | {"images-0-file-clear": "on"})
    assert "delete the picture instead" in page.content.decode()
    editor_client.post(form(article), data | {"images-0-DELETE": "on"})
    assert article.images.count() == 1


@pytest.mark.parametrize("typed", [{}, {"title": "A"}, {"published_at_0": "2026-11-01", "published_at_1": "12:00"}])
def test_a_missing_file_name_is_said_in_a_sentence_at_its_field(editor_client, typed):
    page = editor_client.post(ADD, form_data(editor_client.get(ADD)) | typed)

    errors = page.context["adminform"].form.errors
    assert errors["stem"] == ["Enter a file name, or a title and a date that one can be made of."]
    assert "__all__" not in errors
