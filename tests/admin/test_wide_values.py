"""Articles with values that only some sites have, in the admin."""

import pytest
from django.urls import reverse

from articles.models import Article
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.admin.forms import change, form_data
from tests.factories import make_article, make_file

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "values",
    [
        {"images": [{"url": "/assets/a-50x50.jpg", "width": 50, "height": 50}]},
        {"provider": {"name": "A", "domain": "a.example", "images": [{"url": "/a.jpg"}]}},
        {"provider": {"name": "A", "domain": "a.example/us/live/x?_amp=true"}},
        {"topics": ["Harbour", None], "tags": ["US"]},
        {"title": "Tide\x07\x97high"},
    ],
)
def test_saving_an_untouched_article_changes_nothing(admin_client, values):
    file = make_file("a", **values)
    import_files([file])
    article = Article.objects.get()

    change(admin_client, article)

    assert dict(exporter.files(article.source)) == {"a": file.data}


@pytest.mark.parametrize("figure", [10**12 + 1, 2**63 - 1, 2**63, 10**30])
def test_the_form_refuses_a_quality_without_room_for_scores(admin_client, figure):
    article = make_article()
    address = reverse("admin:articles_article_change", args=[article.pk])
    data = form_data(admin_client.get(address)) | {"quality": figure}

    response = admin_client.post(address, data)

    assert response.status_code == 200
    assert response.context["adminform"].form.errors["quality"]
