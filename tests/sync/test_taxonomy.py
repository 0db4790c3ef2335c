"""Topic and organization files, and what editors make of their rows."""

import pytest
from django.contrib.auth.models import User

from articles.frontmatter import Kind
from articles.models import Conflict, Provider, Topic
from articles.sync import decisions
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db


def topic_file(name="Tides", more="shortname: T\nkeywords:\n  - tide\n", file="02-tides"):
    text = f"taxonomy: topic\n_id: tides\nname: {name}\n{more}"
    return FoundFile(f"_data/topics/{file}.yaml", Kind.TOPIC, "harbour", file, text.encode())


def organization_file(name="The Gazette", more=""):
    text = f"---\ntaxonomy: organization\n_id: gazette.example\nname: {name}\ndomain: gazette.example\n{more}---\n"
    path = "_data/organizations/gazette.example.md"
    return FoundFile(path, Kind.ORGANIZATION, "harbour", "gazette.example", text.encode())


def test_a_topic_that_only_articles_named_gets_its_files_values():
    import_files([make_file("a", topics=["Tides"])])

    report = import_files([topic_file()])

    topic = Topic.objects.get()
    assert (topic.shortname, topic.keywords, topic.menu_order, report.conflicts) == ("T", ["tide"], 2, 0)


def test_an_editors_change_to_a_topic_stays():
    import_files([topic_file()])
    Topic.objects.update(shortname="Ours", keywords=["tide", "ebb"])

    report = import_files([topic_file(more="shortname: T\nkeywords:\n  - tide\n  - flood\n")])

    topic = Topic.objects.get()
    assert (topic.shortname, topic.keywords, report.conflicts) == ("Ours", ["tide", "ebb", "flood"], 0)


def test_a_field_of_a_topic_that_both_changed_is_a_conflict():
    import_files([topic_file()])
    Topic.objects.update(shortname="Ours")

    report = import_files([topic_file(more="shortname: Theirs\n")])

    conflict = Conflict.objects.open().get()
    assert report.conflicts == 1
    assert (conflict.subject, conflict.base, conflict.ours, conflict.theirs) == (
        Topic.objects.get(),
        "T",
        "Ours",
        "Theirs",
    )
    decisions.resolve(conflict, "theirs", User.objects.create_user("ed"))
    assert Topic.objects.get().shortname == "Theirs"


def test_a_provider_that_articles_named_gets_its_files_values():
    import_files([make_file("a"), organization_file(name="Gazette of Harbour")])

    provider = Provider.objects.get()
    assert (provider.name, provider.is_organization) == ("Gazette of Harbour", True)


def test_an_editors_change_to_a_provider_stays():
    logo = 'images:\n  - url: "/logo.png"\n    width: 50\n    height: 50\n'
    import_files([organization_file(more=logo)])
    Provider.objects.update(description="An editor's")

    import_files([organization_file(name="Gazette", more=logo)])

    provider = Provider.objects.get()
    assert (provider.name, provider.description) == ("Gazette", "An editor's")
    assert provider.images.get().url == "/logo.png"


def test_the_same_files_again_change_nothing():
    import_files([topic_file(), organization_file()])
    Topic.objects.update(name="Ours")
    Provider.objects.update(name="Ours")

    import_files([topic_file(), organization_file()])

    assert (Topic.objects.get().name, Provider.objects.get().name) == ("Ours", "Ours")
