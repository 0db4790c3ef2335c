"""The admin says what is the matter in words, not in names of the database."""

import re

import pytest
from django.apps import apps
from django.urls import reverse

from articles.models import Article, RelatedLink
from articles.suggestions import matching
from tests.admin import everything
from tests.admin.forms import form_data
from tests.factories import make_article, make_provider, make_source, make_story


def test_every_constraint_says_in_a_sentence_what_is_wrong():
    found = {
        constraint.name: constraint.violation_error_message
        for model in apps.get_app_config("articles").get_models()
        for constraint in model._meta.constraints
    }

    assert len(found) > 20
    assert [
        name for name, said in found.items() if name in said or "Constraint" in said or not said.endswith(".")
    ] == []


def flat(listed):
    return [text for item in listed for text in (flat(item) if isinstance(item, list) else [str(item)])]


@pytest.mark.django_db
def test_a_delete_page_lists_names_and_nothing_that_people_do_not_know(admin_client):
    rows = everything.make_rows()
    matching.look_at(list(Article.objects.values_list("pk", flat=True)))
    address = reverse("admin:articles_article_change", args=[rows[Article].pk])
    admin_client.post(address, form_data(admin_client.get(address)) | {"title": "Edited"})
    listed = {}
    for model, row in everything.of_admin(rows).items():
        page = admin_client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_delete", args=[row.pk])
        )
        if page.status_code == 200:
            listed[model] = flat(page.context["deleted_objects"])

    odd = re.compile(r"\b[0-9a-f]{12,}\b|^(Article term|Change|Search entry|Imported file|Open session|Draft)", re.I)
    assert {
        model: found for model, texts in listed.items() if (found := [text for text in texts if odd.search(text)])
    } == {}
    assert next(re.sub("<.*?>", "", text) for text in listed[Article]) == "Article: Edited"
    assert {"Topic: Harbour", "Tag: US"} <= {re.sub("<.*?>", "", text) for text in listed[Article]}
    assert len(listed) > 10


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["https://gazette.example/ferry", "http://www.gazette.example/ferry?utm_source=a"])
def test_the_same_address_is_told_at_once_and_stored_only_if_the_editor_insists(admin_client, address):
    there = make_article("Ferry stops", web_url="https://gazette.example/ferry")
    elsewhere = make_article("Elsewhere", web_url="https://gazette.example/other", source=make_source("other"))
    matching.look_at([there.pk, elsewhere.pk])
    add = reverse("admin:articles_article_add")
    data = everything.fields(admin_client.get(add)) | {"title": "Again", "web_url": address, "source": there.source_id}
    data |= {"published_at_0": "2026-11-01", "published_at_1": "12:00", "provider": make_provider().pk}

    told = admin_client.post(add, data)
    assert "Ferry stops</a> has this address already" in told.content.decode()
    assert admin_client.post(add, data | {"web_url": elsewhere.web_url, "title": "Free"}).status_code == 302
    assert admin_client.post(add, everything.fields(told) | {"provider": data["provider"]}).status_code == 302
    assert Article.objects.filter(title="Again").exists()


@pytest.mark.django_db
def test_two_links_to_one_address_are_told(admin_client):
    story = make_story(make_article(), make_article())
    address = reverse("admin:articles_story_change", args=[story.pk])
    data, link = everything.fields(admin_client.get(address)), {"title": "A", "web_url": "https://o.example/"}
    link["provider"] = make_provider().pk
    rows = {f"links-{n}-{name}": value for n in (0, 1) for name, value in link.items()}

    told = admin_client.post(address, data | rows | {"links-TOTAL_FORMS": "2"})
    assert "Another link above has this address already." in told.content.decode()
    one = {name: value for name, value in rows.items() if "links-0" in name}
    assert admin_client.post(address, data | one | {"links-TOTAL_FORMS": "1"}).status_code == 302
    data = everything.fields(admin_client.get(address))
    again = {name.replace("links-0", "links-1"): value for name, value in one.items()}
    told = admin_client.post(address, data | again | {"links-TOTAL_FORMS": "2"}).content.decode()
    assert "This story has a link to this address already." in told or "has this address already" in told
    assert RelatedLink.objects.count() == 1
