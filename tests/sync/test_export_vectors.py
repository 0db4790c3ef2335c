"""What an editor writes goes into a file as text, whatever it would mean there: no key, no end, no formula, no tag."""

import pytest
import yaml

from articles.frontmatter import parse
from articles.models import Article
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_article, make_file

pytestmark = pytest.mark.django_db
TEXTS = [
    '"', "'", '\\"', "\\", "a: b", "- a", "? a", "# a", "&a", "*a", "!a", "!!python/name:os.system", "%a", "@a", "`a`",
    "|", ">", "{a: b}", "[a]", "---", "...", "a\n---\nremoved: true", "a\r\n---\r\n", "\u2028---\u2028", "\x85---\x85",
    "null", "~", "no", "2026-11-24", "1e3", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "]]>", "<!--",
    "</title>", "<script>alert(1)</script>",
    "&lt;b&gt;", "{{ secret }}", "{% load x %}", "${x}", "\x1b[2J", "\x07", "\u202etxt",
    "\ufeffa", "a\x0bb", "😀", "e\u0301", "a" * 400, " a ", '"\nsecured: "b', "\\u0041", "\\x41", "%00",
    "../../etc/passwd",
]  # fmt: skip


@pytest.mark.attack(20)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_title_goes_out_as_text_and_comes_back(text):
    import_files([make_file("edited")])
    edited = Article.objects.get()
    Article.objects.update(title=text, excerpt=text)
    make_article(text, stem="new", excerpt=text, source=edited.source, provider_name=text.strip()[:250])

    for data in dict(exporter.files(edited.source)).values():
        said = parse(data).values
        assert (said["title"], said["excerpt"], "removed" in said) == (text, text, False)
        plain = yaml.safe_load(data.split(b"---\n", 1)[1].rsplit(b"---\n", 1)[0]) if text.isprintable() else said
        assert plain["title"] == text
