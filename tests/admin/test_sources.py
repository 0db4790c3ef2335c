"""A site's figures in the admin: what files say, and what a person sets."""

import pytest
from django.urls import reverse

from articles.models import Source
from articles.sync.importer import import_files
from tests.factories import make_file, make_related

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    related = [make_related("x", quality=10)]
    import_files([make_file(stem, quality=80, heat=90, published=True, related=related) for stem in "ab"])
    return Source.objects.get(name="harbour")


def save(admin_client, site, **changes):
    address = reverse("admin:articles_source_change", args=[site.pk])
    form = admin_client.get(address).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}
    values = {name: value for name, value in (values | changes).items() if value is not False}
    return admin_client.post(address, values, follow=True)


def test_the_page_of_a_site_shows_how_many_files_agree_with_its_figures(admin_client, site):
    page = admin_client.get(reverse("admin:articles_source_change", args=[site.pk])).content.decode()

    assert "weight 10: agrees with 2 of 2 leads in its files" in page


def test_figures_that_a_person_changes_are_not_taken_from_files_any_more(admin_client, site):
    page = save(admin_client, site, heat_weight=15).content.decode()

    site.refresh_from_db()
    assert (site.heat_weight, site.fits_figures) == (15, False)
    assert "not taken from files any more" in page


def test_figures_can_be_taken_from_files_again(admin_client, site):
    save(admin_client, site, heat_weight=15)

    save(admin_client, Source.objects.get(), fits_figures=True)

    site.refresh_from_db()
    assert (site.heat_weight, site.fits_figures) == (10, True)


def test_another_change_leaves_the_figures_to_the_files(admin_client, site):
    save(admin_client, site, title="The Harbour")

    site.refresh_from_db()
    assert (site.title, site.heat_weight, site.fits_figures) == ("The Harbour", 10, True)
