"""Lists are filtered, searched and sorted by what they declare: nothing else can be read from them, or be costly."""

from itertools import product

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from articles.models import Action, Subscriber
from tests.factories import make_article, make_provider

# Actions have a log instead, to which their list leads.
LISTED = [model for model in admin.site._registry if model is not Action]
LOOKUPS = [
    "", "exact", "iexact", "contains", "icontains", "in", "gt", "gte", "lt", "lte", "startswith", "istartswith",
    "endswith", "range", "isnull", "regex", "iregex", "year", "length__gt",
]  # fmt: skip


def paths(model, depth=2):
    """Yield the paths of all columns of a model and of the models it belongs to, or that belong to it."""
    for field in model._meta.get_fields():
        yield field.name
        if field.is_relation and field.related_model and depth:
            yield from (f"{field.name}__{path}" for path in paths(field.related_model, depth - 1))


@pytest.mark.attack(15)
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_a_list_is_filtered_by_nothing_but_what_it_declares(model):
    model_admin = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    allowed = set()
    for path, lookup in product(["pk", *paths(model)], LOOKUPS):
        name = f"{path}__{lookup}" if lookup else path
        try:
            allowed |= {name} if model_admin.lookup_allowed(name, "1", request) else set()
        except IncorrectLookupParameters:
            continue

    assert allowed <= model_admin._parameters(request)
    assert {name.rpartition("__")[2] for name in allowed if "__" in name} <= {"exact", "isnull"}
    assert not [name for name in allowed if "password" in name or "token" in name or "secured" in name]


@pytest.mark.attack(15)
@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("articles_article", "title__regex=(a%2B)%2B$"),
        ("articles_article", "file__secured__startswith=a"),
        ("articles_subscriber", "token__startswith=a"),
        ("articles_subscriber", "email__contains=@example.org"),
        ("articles_delivery", "subscriber__token__startswith=a"),
        ("articles_boost", "user__password__startswith=md5"),
        ("articles_story", "size__gt=0"),
        ("auth_user", "password__startswith=md5"),
        ("auth_user", "email__iregex=(a%2B)%2B$"),
        ("auth_group", "user__password__gt=a"),
        ("articles_source", "articles__title__contains=a"),
    ],
)
@pytest.mark.django_db
def test_an_undeclared_filter_is_refused_whatever_it_would_find(admin_client, model, lookup):
    make_article()
    Subscriber.objects.create(email="a@example.org")
    name, _, value = lookup.partition("=")

    answers = [admin_client.get(f"{reverse(f'admin:{model}_changelist')}?{name}={text}") for text in (value, "%7F")]

    assert {answer.status_code for answer in answers} in ({400}, {302})
    assert answers[0].content == answers[1].content


@pytest.mark.django_db
@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_every_filter_that_a_list_offers_works(admin_client, model):
    make_article()
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    changelist = admin_client.get(address).context["cl"]

    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            assert admin_client.get(address + choice["query_string"]).status_code == 200


@pytest.mark.django_db
def test_lists_keep_what_strangers_wrote_to_itself(admin_client):
    make_article("Turned \u202e round", provider=make_provider(name="An outlet \u202e too"))

    page = admin_client.get(reverse("admin:articles_article_changelist")).content.decode()

    assert "<bdi>Turned \u202e round</bdi>" in page
    assert "<bdi>An outlet \u202e too</bdi>" in page
