"""Outlets whose domains files spell in several ways."""

import pytest

from articles.models import Article, Conflict, Provider, RelatedLink, Story
from articles.sync import exporter
from tests.admin.forms import form_data
from tests.factories import make_file, make_related, make_source
from tests.sync.taxonomies import import_site, organization_file

pytestmark = pytest.mark.django_db
SPELLINGS = {
    "case and dots": ["example.org", "Example.ORG", "EXAMPLE.org", "example.org."],
    "accents": ["bücher.example", "bu\u0308cher.example", "BÜCHER.EXAMPLE", "xn--bcher-kva.example", "bücher.example."],
    "one letter's case": ["a.example", "A.example", "a.Example", "A.EXAMPLE.", "a.example."],
}


def files(spellings, **values):
    return [
        make_file(f"a{place}", source="site", provider={"name": "Gazette", "domain": domain}, **values)
        for place, domain in enumerate(spellings)
    ]


@pytest.mark.parametrize("kind", SPELLINGS)
def test_spellings_of_a_domain_are_one_outlet_and_go_out_as_they_came(kind):
    found = files(SPELLINGS[kind])

    import_site(*found)
    again = import_site(*found)

    assert Provider.objects.get().articles.count() == len(found)
    assert dict(exporter.files(make_source("site"))) == {file.name: file.data for file in found}
    assert (again.unchanged, again.conflicts) == (len(found), 0)


@pytest.mark.parametrize("kind", SPELLINGS)
def test_another_spelling_of_the_same_outlet_is_no_edit(kind):
    first, *others = SPELLINGS[kind]
    import_site(*files([first]))
    for spelling in others:
        (file,) = files([spelling])

        report = import_site(file)

        assert (report.conflicts, Conflict.objects.count()) == (0, 0)
        assert dict(exporter.files(make_source("site"))) == {file.name: file.data}


def test_an_edit_elsewhere_leaves_the_spelling_of_a_domain():
    (file,) = files(["Example.ORG."])
    import_site(file)
    Article.objects.update(title="Edited")

    ((_, data),) = exporter.files(make_source("site"))

    assert data == file.data.replace(b"Title of a0", b"Edited")


def test_a_storys_links_keep_the_spelling_of_a_domain():
    related = make_related("outside") | {"provider": {"name": "Gazette", "domain": "Example.ORG"}}
    file = make_file("a", source="site", related=[related])

    import_site(file)

    assert (RelatedLink.objects.get().provider.domain, Story.objects.count()) == ("example.org", 1)
    assert dict(exporter.files(make_source("site"))) == {"a": file.data}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_the_second_file_of_an_organization_is_rejected(kind):
    first, second, *_ = SPELLINGS[kind]
    found = [organization_file(first, "First"), organization_file(second, "Second")]
    paths = sorted(file.path for file in found)
    for _ in range(2):
        report = import_site(*found)

        (rejection,) = report.rejected
        assert (rejection.path, rejection.key) == (paths[1], "domain")
        assert paths[0] in rejection.message
    assert Provider.objects.count() == 1


def test_two_sites_with_an_organization_of_one_domain_do_not_alternate():
    north = organization_file("a.example", "Of the north", site="north")
    south = organization_file("A.example", "Of the south", site="south")
    for found in ([south, north], [north, south], [south], [north]):
        report = import_site(*found)

        assert (report.rejected, report.conflicts) == ([], 0)
        assert Provider.objects.get().name == "Of the north"


def test_an_editor_cannot_add_an_outlet_again_in_another_spelling(admin_client):
    import_site(*files(["example.org"]))
    url = "/admin/articles/provider/add/"
    data = form_data(admin_client.get(url)) | {"name": "Again", "domain": "Example.ORG."}

    response = admin_client.post(url, data)

    assert "Provider with this Domain already exists." in response.content.decode()
