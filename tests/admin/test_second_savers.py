"""Two people have one form open: nothing of the first is lost, and the second is told if both changed one field."""

import html
import re

import pytest
from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from articles.models import Article, Boost, Conflict, Pin, Provider, Source, Story, Topic
from articles.sync.importer import import_files
from tests.admin import everything
from tests.factories import make_article, make_file, make_provider, make_topic

pytestmark = pytest.mark.django_db

WORDS = {
    "email": ("x@example.org", "y@example.org"),
    "slug": ("x", "y"),
    "domain": ("x.example", "y.example"),
    "locale": ("de-de", "en-gb"),
    "url": ("https://x.example/", "https://y.example/"),
}
OF_KIND = {
    forms.JSONField: ('["x"]', '["y"]'),
    forms.SplitDateTimeField: ("2026-11-01", "2026-11-02"),
    forms.CharField: ("ann", "bob"),
}
LISTS = ("topic_links", "tags")  # that are merged: each keeps what it added
TYPED = re.compile(r"</?(?:ins|del)>")


@pytest.fixture
def two(db):
    """Two people, each with a browser."""
    people = [User.objects.create_superuser(name) for name in ("ada", "ben")]
    clients = [Client(), Client()]
    for client, person in zip(clients, people, strict=True):
        client.force_login(person)
    return clients


def shown(page):
    """Return the words of a page without marks of changed words."""
    return html.unescape(TYPED.sub("", page.content.decode()))


def two_values(bound):
    """Return two other values that a field may have, as a browser sends them; None if there are not so many."""
    field, value = bound.field, bound.value() or 0
    if words := WORDS.get("url" if bound.name.endswith("_url") and type(field) is forms.CharField else bound.name):
        return words
    if isinstance(field, forms.ModelMultipleChoiceField):
        return [[pk] for pk in list(field.queryset.values_list("pk", flat=True))[:2]]
    if isinstance(field, forms.ModelChoiceField):
        return [str(pk) for pk in field.queryset.exclude(pk=value).order_by("-pk").values_list("pk", flat=True)[:2]]
    if isinstance(field, forms.ChoiceField):
        return sorted({choice for choice, _ in field.choices} - {value, ""})[:2]
    if isinstance(field, forms.IntegerField):
        return str(value + 1), str(value + 2)
    if bound.name == "ends_at":  # at which readers lose it, so that a form asks
        return "2998-11-01", "2998-11-02"
    return next((values for kind, values in OF_KIND.items() if isinstance(field, kind)), None)


def fields_of(page):
    """Yield each field that a person can change on a page, with the name of what is sent and two values."""
    found = [page.context["adminform"].form]
    found += [form for inline in page.context["inline_admin_formsets"] for form in inline.formset.initial_forms]
    for bound in (bound for form in found for bound in form):
        is_recorded = bound.name == "reason" and isinstance(bound.form.instance, Article)  # with an action, not stored
        skipped = is_recorded or bound.field.disabled or bound.field.widget.is_hidden
        values = None if skipped else two_values(bound)
        if values and len(values) == 2 and bound.name not in ("DELETE", "position", "suggested_topics", "services"):
            yield bound, bound.html_name + "_0" * isinstance(bound.field, forms.SplitDateTimeField), values


def held(page):
    """Return what a page's fields hold."""
    found = everything.fields(page)
    nothing = {name for name in ("groups", "user_permissions", "permissions") if not found.get(name)}
    of_pages = {"csrfmiddlewaretoken", "form", "row", "draft_offered"}  # all but the first of the offer of a draft
    return {name: value for name, value in found.items() if name not in nothing | of_pages}


def told_of(page):
    return "changed this while your form was open" in page.content.decode()


def make_choices():
    """Store what fields may choose among."""
    for number in range(2):
        Topic.objects.create(name=f"Topic {number}", slug=f"topic-{number}")
        make_provider(f"choice-{number}.example")


@pytest.mark.slow
def test_the_second_saver_of_any_field_is_told_with_the_firsts_text_and_nothing_is_lost(two):
    rows, (ada, ben), tried = everything.make_rows(), two, []
    make_choices()
    for model, row in everything.of_admin(rows).items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
        page = ada.get(address)
        if not page.context or not page.context.get("adminform"):
            continue
        data = held(page)
        for bound, name, (one, other) in fields_of(page) if page.context["has_change_permission"] else ():
            with transaction.atomic():
                times = {f"{name[:-2]}_1": "10:00:00"} if name.endswith("_0") else {}
                first = ada.post(address, data | times | {name: one, "_continue": ""})
                assert first.status_code == 302, (model, name, first.context["errors"])
                saved = held(ada.get(address))
                again = ben.post(address, data | times | {name: other, "_continue": ""})
                if name.startswith(LISTS):
                    assert {one, other} <= set(held(ben.get(address)).values()), (model, name, "was lost")
                    transaction.set_rollback(True)
                    continue
                assert told_of(again), (model, name, "was not told")
                assert (
                    not isinstance(one, str) or one in shown(again) or isinstance(bound.field, forms.ModelChoiceField)
                )
                assert held(ben.get(address)) == saved, (model, name, "was lost")
                transaction.set_rollback(True)
            tried.append((model, name))

    assert len(tried) > 60
    assert {model for model, _ in tried} >= {Article, Topic, Provider, Source, Boost, Pin, User, Story}


EDITS = [
    (Article, {"title": "Ada's title"}, {"excerpt": "Ben's excerpt"}),
    (Boost, {"points": "7"}, {"reason": "Ben's reason"}),
    (Pin, {"position": "3"}, {"reason": "Ben's reason"}),
    (Source, {"title": "Ada's site"}, {"locale": "de-de"}),
    (Topic, {"shortname": "Ada's"}, {"keywords": "ben"}),
    (Provider, {"name": "Ada's outlet"}, {"description": "Ben's words"}),
]


def test_two_people_who_change_different_fields_both_win(two):
    rows = everything.make_rows()
    for model, of_ada, of_ben in EDITS:
        address = reverse(f"admin:articles_{model._meta.model_name}_change", args=[rows[model].pk])
        pages = [everything.fields(client.get(address)) for client in two]
        for client, page, edit in zip(two, pages, (of_ada, of_ben), strict=True):
            assert client.post(address, page | edit | {"_continue": ""}).status_code == 302

        now = everything.fields(two[0].get(address))
        assert {name: now[name] for name in of_ada | of_ben} == of_ada | of_ben


def collide(two, article):
    """Let both change a title, the second with a topic that the first did not see. Return the second's page."""
    ada, ben = two
    address = reverse("admin:articles_article_change", args=[article.pk])
    pages = [everything.fields(client.get(address)) for client in two]
    ada.post(address, pages[0] | {"title": "Ferry <b>stops</b> again", "_continue": ""})
    told = ben.post(address, pages[1] | {"title": "Ferry sinks", "excerpt": "Ben's", "_continue": ""})
    return address, told


@pytest.mark.parametrize(("choice", "title"), [("theirs", "Ferry <b>stops</b> again"), ("ours", "Ferry sinks")])
def test_the_second_saver_sees_marked_words_and_chooses(two, choice, title):
    article = make_article("Ferry stops")
    address, told = collide(two, article)
    page = told.content.decode()

    assert "ada (at " in page
    assert "<ins> &lt;b&gt;stops&lt;/b&gt; again</ins>" in page
    assert " [removed:] </span><del> stops</del>" in page
    assert " [added:] </span><ins> sinks</ins>" in page
    article.refresh_from_db()
    assert (article.title, article.excerpt) == ("Ferry <b>stops</b> again", "")

    value = re.search(rf'name="choose-title" value="({choice}-\w+)"', page)[1]
    answer = two[1].post(address, everything.fields(told) | {"choose-title": value, "_continue": ""})

    article.refresh_from_db()
    assert (answer.status_code, article.title, article.excerpt) == (302, title, "Ben's")
    assert not Conflict.objects.exists()  # no file said anything


def test_people_are_called_people_and_files_files(two):
    """An import and two people change one title: the conflict is between a file and a person, by name."""
    ada, ben = two
    import_files([make_file("a", title="Before")])
    article = Article.objects.get()
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = everything.fields(ben.get(address))
    ada.post(address, everything.fields(ada.get(address)) | {"title": "Ada's", "_continue": ""})
    told = ben.post(address, page | {"title": "Ben's", "_continue": ""})
    assert told_of(told)
    assert not Conflict.objects.exists()

    opened = everything.fields(ada.get(address))
    import_files([make_file("a", title="Before", excerpt="The file's")])
    saved = ada.post(address, opened | {"excerpt": "Ada's excerpt", "_continue": ""}, follow=True)
    conflict = Conflict.objects.get()

    assert "An import changed excerpt while your form was open." in saved.content.decode()
    assert (conflict.field, conflict.theirs) == ("excerpt", "The file's")
    shown = ada.get(reverse("admin:articles_conflict_change", args=[conflict.pk])).content.decode()
    assert "Value of ada (current)" in shown


def test_a_choice_does_not_hold_for_a_text_that_came_later(two):
    article = make_article("Ferry stops")
    address, told = collide(two, article)
    value = re.search(r'name="choose-title" value="(ours-\w+)"', told.content.decode())[1]
    two[0].post(address, everything.fields(two[0].get(address)) | {"title": "Third", "_continue": ""})

    answer = two[1].post(address, everything.fields(told) | {"choose-title": value, "_continue": ""})

    article.refresh_from_db()
    assert (answer.status_code, told_of(answer), article.title) == (200, True, "Third")


def test_a_form_that_was_shown_again_still_knows_what_it_showed_first(two):
    """A date and a list of topics, whose values are several fields in a browser."""
    ada = two[0]
    article = make_article("Ferry", topics=[make_topic("Boats")])
    address = reverse("admin:articles_article_change", args=[article.pk])
    data = everything.fields(ada.get(address)) | {"published_at_0": "2026-10-01", "title": ""}

    refused = ada.post(address, data)
    ada.post(address, everything.fields(refused) | {"title": "Ferry"})

    article.refresh_from_db()
    assert f"{article.published_at:%Y-%m-%d}" == "2026-10-01"
