"""Topics, providers and stories in the admin."""

import pytest
from django.urls import reverse

from articles.models import (
    ImportedFile,
    Provider,
    Story,
    Topic,
)
from articles.sync.importer import import_files
from tests.admin.forms import change, form_data
from tests.factories import (
    make_file,
    make_related,
    make_topic,
)

pytestmark = pytest.mark.django_db


def test_lists_of_texts_are_edited_one_per_line(admin_client):
    topic = make_topic("Tides", keywords=["tide", "spring tide"])

    change(admin_client, topic, keywords="tide\r\n\r\n neap tide \r\n")

    topic.refresh_from_db()
    assert topic.keywords == ["tide", "neap tide"]


def test_saving_an_untouched_topic_provider_or_story_changes_nothing(admin_client, one_of_each):
    Topic.objects.update(keywords=["a", "b"], services={"news": "https://a.example/"})
    Provider.objects.update(other_names=["A", "B"], description="one\ntwo")

    for model in ("topic", "provider", "story"):
        before = type(one_of_each[model]).objects.values().get(pk=one_of_each[model].pk)
        change(admin_client, one_of_each[model])
        assert type(one_of_each[model]).objects.values().get(pk=one_of_each[model].pk) == before


def test_a_topic_cannot_be_below_itself(admin_client):
    harbour = make_topic("Harbour")
    quay = make_topic("Quay", parent=make_topic("Piers", parent=harbour))
    url = reverse("admin:articles_topic_change", args=[harbour.pk])

    response = admin_client.post(url, form_data(admin_client.get(url)) | {"parent": quay.pk})

    assert "A topic cannot be below itself." in response.content.decode()


def test_a_storys_form_lists_its_external_links(admin_client):
    import_files([make_file("a", related=[make_related("outside")])])

    page = admin_client.get(reverse("admin:articles_story_change", args=[Story.objects.get().pk])).content.decode()

    assert "Title of outside" in page
    assert ImportedFile.objects.count() == 1
