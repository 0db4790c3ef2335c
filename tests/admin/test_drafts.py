"""What was typed or chosen in a form survives, for its own person alone, and is saved only if that person says so."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from articles.admin import drafts
from articles.models import Article, Draft, KeptFile, Story
from tests.admin import everything
from tests.factories import make_article, make_provider, make_story

pytestmark = pytest.mark.django_db


def png():
    """Return the bytes of a picture."""
    file = BytesIO()
    Image.new("RGB", (40, 30)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def article():
    return make_article("As it was")


def address_of(row):
    return reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])


def send(client, form, row, **values):
    """Send what was typed, as the script does. Return the status of the answer."""
    typed = QueryDict(mutable=True)
    typed.update(values)
    return client.post("/admin/drafts/", {"form": form, "row": row, "values": typed.urlencode()}).status_code


def type_into(client, row, **values):
    page = everything.fields(client.get(address_of(row)))
    assert send(client, row._meta.label_lower, row.pk, **(page | values)) == 204


def test_a_draft_is_offered_shown_as_it_was_typed_and_not_saved(admin_client, article):
    type_into(admin_client, article, title="Typed", excerpt="Two\r\nlines")

    offer = admin_client.get(address_of(article)).content.decode()
    page = admin_client.get(address_of(article) + "?draft=1")

    assert "You typed something here on" in offer
    found = everything.fields(page)
    assert (found["title"], found["excerpt"].split()) == ("Typed", ["Two", "lines"])
    article.refresh_from_db()
    assert article.title == "As it was"
    assert admin_client.post(address_of(article), found).status_code == 302
    article.refresh_from_db()
    assert (article.title, Draft.objects.count()) == ("Typed", 0)


def test_a_draft_of_a_new_article_is_offered_in_its_form(admin_client):
    send(admin_client, "articles.article", "new", title="Half an idea")

    page = admin_client.get(reverse("admin:articles_article_add") + "?draft=1")

    assert everything.fields(page)["title"] == "Half an idea"
    assert not Article.objects.exists()


def test_a_draft_of_a_story_shows_its_texts_and_what_was_chosen(admin_client):
    story = make_story(make_article(), make_article("Member"))
    member = Article.objects.get(title="Member")
    send(admin_client, drafts.STORY, story.pk, headline="Typed", new_headline="New", article=member.pk)

    page = admin_client.get(reverse("desk_story", args=[story.pk]) + "?draft=1")

    found = everything.fields(page)
    assert (found["headline"], found["new_headline"], found["article"]) == ("Typed", "New", str(member.pk))
    assert Story.objects.get(pk=story.pk).headline == ""


def test_what_another_button_of_a_story_left_unused_is_still_there(admin_client):
    story = make_story(make_article(), make_article("Member"))
    address = reverse("desk_story", args=[story.pk])

    page = admin_client.post(address, {"do": "text", "headline": "A", "new_headline": "Half"}, follow=True)

    assert everything.fields(page)["new_headline"] == "Half"
    assert Story.objects.get(pk=story.pk).headline == "A"


def test_a_second_saver_is_told_also_after_a_crash(admin_client, article):
    type_into(admin_client, article, title="Typed")
    other = Client()
    other.force_login(User.objects.create_superuser("ada"))
    other.post(address_of(article), everything.fields(other.get(address_of(article))) | {"title": "Ada's"})

    page = admin_client.get(address_of(article) + "?draft=1").content.decode()

    assert "ada (at" in page
    article.refresh_from_db()
    assert article.title == "Ada's"


@pytest.mark.parametrize("who", ["another editor", "a superuser"])
def test_nobody_else_sees_a_draft(admin_client, article, who):
    type_into(admin_client, article, title="My secret")
    other, person = Client(), User.objects.create_superuser("other")
    other.force_login(person)

    pages = [other.get(address_of(article) + query).content.decode() for query in ("", "?draft=1")]

    assert [("My secret" in page, "You typed" in page) for page in pages] == [(False, False)] * 2
    assert Draft not in admin.site._registry
    assert (
        other.post("/admin/drafts/", {"form": "articles.article", "row": article.pk, "throw_away": 1}).status_code
        == 302
    )
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("title", ["Another text", ""], ids=["saved", "refused"])
def test_an_offered_draft_stays_until_its_person_takes_it_or_not(admin_client, article, title):
    type_into(admin_client, article, excerpt="An hour of work")
    page = everything.fields(admin_client.get(address_of(article)))

    answer = admin_client.post(address_of(article), page | {"title": title})
    if not title:
        admin_client.post(address_of(article), everything.fields(answer) | {"title": "At last"})

    assert everything.fields(admin_client.get(address_of(article) + "?draft=1"))["excerpt"] == "An hour of work"


def test_a_draft_can_be_thrown_away(admin_client, article):
    type_into(admin_client, article, title="Typed")

    answer = admin_client.post(
        "/admin/drafts/", {"form": "articles.article", "row": article.pk, "throw_away": 1}, follow=True
    )

    assert answer.request["PATH_INFO"] == address_of(article)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("auth.user", "new"), ("auth.user", "1"), ("auth.group", "new"), ("articles.subscriber", "new"),
        ("articles.secondfactor", "1"), ("articles.nothing", "1"), ("articles.article", "999"),
        ("articles.article", "x"), ("articles.article", "9" * 30), ("articles.story.edit", "new"), ("", ""),
        ("articles.article.edit", "1"), ("articles.article\0", "1"),
    ],
)  # fmt: skip
def test_no_draft_is_kept_of_accounts_and_of_what_is_not_there(admin_client, form, row):
    assert send(admin_client, form, row, title="Typed") == 403
    assert not Draft.objects.exists()


def test_a_draft_takes_the_right_to_save_its_form(logged_in, article):
    client = logged_in("view_article", "change_topic")

    assert send(client, "articles.article", article.pk, title="Typed") == 403
    assert send(client, "articles.article", "new", title="Typed") == 403


def test_a_draft_holds_no_password_and_has_a_limit(admin_client, article):
    assert (
        send(admin_client, "articles.article", article.pk, title="A", password1="secret", csrfmiddlewaretoken="t")
        == 204
    )
    assert send(admin_client, "articles.article", article.pk, title="A" * 500_000) == 413

    assert Draft.objects.get().values == "title=A"


def test_a_form_that_was_refused_is_kept_without_a_script(admin_client, article):
    data = everything.fields(admin_client.get(address_of(article)))

    refused = admin_client.post(address_of(article), data | {"title": "", "excerpt": "Long work"})

    assert "It is not saved yet" in refused.content.decode()
    assert everything.fields(admin_client.get(address_of(article) + "?draft=1"))["excerpt"] == "Long work"


def test_a_chosen_picture_survives_a_refused_form(admin_client, settings, tmp_path, article):
    settings.MEDIA_ROOT = tmp_path
    article.images.create(url="https://i.example/a.jpg")
    data = everything.fields(admin_client.get(address_of(article)))
    file = SimpleUploadedFile("ferry.png", png(), "image/png")

    refused = admin_client.post(address_of(article), data | {"title": "", "images-0-file": file})
    again = everything.fields(refused)
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    theirs = everything.fields(other.get(address_of(article))) | {"images-0-file-kept": again["images-0-file-kept"]}
    other.post(address_of(article), theirs)

    assert "ferry.png is kept" in refused.content.decode()
    assert not article.images.get().file  # it is not the other's
    again.pop("images-0-file", None)
    answer = admin_client.post(address_of(article), again | {"title": "Now"})
    assert answer.status_code == 302
    assert article.images.get().file
    assert not KeptFile.objects.filter(name="ferry.png").exists()


def test_old_drafts_and_files_are_deleted(admin_client, admin_user, article):
    type_into(admin_client, article, title="Typed")
    KeptFile.objects.create(user=admin_user, name="a", content=b"a", at=timezone.now() - timedelta(days=2))
    Draft.objects.create(user=admin_user, form="articles.pin", row="1", at=timezone.now() - timedelta(days=31))

    call_command("tend", verbosity=0)

    assert [draft.form for draft in Draft.objects.all()] == ["articles.article"]
    assert not KeptFile.objects.exists()


def test_a_person_has_a_limited_number_of_drafts(admin_client, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 3)
    articles = [make_article(f"{number}", provider=make_provider()) for number in range(5)]
    for one in articles:
        send(admin_client, "articles.article", one.pk, title="Typed")

    assert {draft.row for draft in Draft.objects.all()} == {str(one.pk) for one in articles[2:]}
