"""The examples of docs/mappings.md do what the page says."""

import io
import re
import shlex

import pytest
from django.core.management import call_command

from articles.mappings import ready
from articles.mappings.mapping import OURS, SCHEMA
from articles.models import Article
from tests.documented import ROOT, blocks

pytestmark = pytest.mark.django_db

PAGE = (ROOT / "docs/mappings.md").read_text(encoding="utf-8")
BLOCKS = list(blocks("docs/mappings.md", PAGE))


def run_page(folder, monkeypatch):
    """Write the page's files and run its commands in a folder. Return what they print."""
    monkeypatch.chdir(folder)
    printed = []
    for block in BLOCKS:
        if block.note == "file":
            path = folder / block.value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        for line in block.command.splitlines():
            out = io.StringIO()
            call_command(*shlex.split(line.partition("manage.py ")[2]), stdout=out)
            printed.append(out.getvalue())
    return printed


def test_the_examples_print_what_the_page_shows(tmp_path, monkeypatch):
    (shown,) = [block.text for block in BLOCKS if block.language == "console"]

    first, *_ = run_page(tmp_path, monkeypatch)

    assert re.sub(r"[\d.]+ s\n", "", first) == re.sub(r"[\d.]+ s\n", "", shown)


def test_the_example_of_an_own_mapping_gives_articles(tmp_path, monkeypatch):
    run_page(tmp_path, monkeypatch)

    one, two = Article.objects.filter(source__name="list").order_by("stem")
    assert (one.stem, one.excerpt, one.quality, one.published) == ("1", "Fog; then lunch", 60, True)
    assert (two.stem, two.published, two.provider.domain) == ("2", False, "fogreport.example")
    assert f"{one.published_at:%H:%M}" == "07:30"


def test_the_page_names_every_key_and_every_ready_mapping():
    assert {name for name in SCHEMA.by_key if f"| `{name}` |" not in PAGE} == set()
    assert {name for name in OURS if f"`{name}`" not in PAGE} == set()
    assert {name for name in ready() if f"| `{name}` |" not in PAGE} == set()
