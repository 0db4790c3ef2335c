"""Mapping files, and their errors."""

from pathlib import PurePosixPath

import pytest

from articles import mappings
from articles.frontmatter import FrontMatterError

GOOD = 'files: ["*.md"]\nkeys:\n  name: title\n'


@pytest.mark.parametrize("name", mappings.ready())
def test_a_ready_mapping_can_be_read(name):
    assert mappings.read_mapping((mappings.READY / f"{name}.yaml").read_text()).files


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("", 1, "", "expected keys and values, found nothing"),
        ("keys:\n  a: title\n", 1, "files", "expected this key, found none"),
        (GOOD + "  when: date\n", 4, "keys.when", "expected one of title, excerpt, publishedDateTime"),
        (GOOD + "  x: not title\n", 4, "keys.x", "found 'not title'"),
        (GOOD + "colour: red\n", 4, "colour", "expected one of files, skip, stem, keys"),
        (GOOD + "body: drop\n", 4, "body", "expected excerpt or keep or warn, found 'drop'"),
        (GOOD + "constants:\n  quality: high\n", 5, "constants.quality", "expected a whole number"),
        (GOOD + "constants:\n  heat: '1'\n", 5, "constants.heat", "expected one of title"),
        (GOOD + "dates:\n  zone: Moon\n", 5, "dates.zone", "expected a time zone such as UTC"),
        (GOOD + "dates:\n  format: x\n", 5, "dates.format", "expected one of zone, formats"),
        ('files: ["*.md"]\nkeys:\n  a: webUrl\n', 2, "keys", "expected a key for title"),
        (GOOD + "skip: &a [x]\n", 4, "", "anchor or alias"),
        ("files: {a: b}\nkeys:\n  a: title\n", 1, "files", "expected a list"),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_line_and_key(text, line, key, message):
    with pytest.raises(FrontMatterError) as caught:
        mappings.read_mapping(text)

    assert (caught.value.line, caught.value.key) == (line, key)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("globs", "path", "wanted"),
    [
        (["_posts/**/*.md"], "_posts/a.md", True),
        (["_posts/**/*.md"], "_posts/x/y/a.md", True),
        (["_posts/**/*.md"], "_posts/a.mdx", False),
        (["_posts/*.md"], "_posts/x/a.md", False),
        (["content/news/**"], "content/news/x/a.md", True),
        (["*.md"], "a/b.md", False),
        (["?.md", "b+c.md"], "b+c.md", True),
        (["**/*.md"], "a.md", True),
        (["a[1].md"], "a1.md", False),
    ],
)
def test_patterns_name_the_places_of_files(globs, path, wanted):
    mapping = mappings.read_mapping(f"files: {globs}\nskip: [skipped.md]\nkeys:\n  a: title\n")

    assert (mapping.place(PurePosixPath(path)) == path) is wanted
    assert mapping.place(PurePosixPath("skipped.md")) is None
