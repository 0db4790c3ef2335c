"""Who may import whom: a package only from the lines above its own, and never inside a function."""

import ast
from pathlib import Path

import pytest

ARTICLES = Path(__file__).resolve().parents[1] / "articles"
RULE = """
text db net frontmatter
ranking
models
provenance search pictures newsletter
stories public syndication
sync templatetags urls
suggestions
admin management
"""
FACES = {"public", "syndication", "newsletter"}  # what readers meet: none of these imports another
PURE = {
    "frontmatter",
    "net",
    "ranking/__init__",
    "ranking/rules",
    "provenance/merge",
    "pictures/imaging",
    "public/charts",
    "search/query",
    "suggestions/similarity",
    "text/addresses",
    "text/digests",
    "text/keywords",
    "text/plain",
}
LINE = {package: number for number, line in enumerate(RULE.strip().splitlines()) for package in line.split()}
MODULES = {
    path.relative_to(ARTICLES).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(ARTICLES.rglob("*.py"))
    if (not {"migrations", "__pycache__"} & set(path.parts) and path.parent != ARTICLES) or path.name == "urls.py"
}


def imported(module, text):
    """The names of what a module imports, those of this app from `articles.` on."""
    package = ["articles", *module.split("/")[:-1]]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{name}.{alias.name}" for alias in node.names) if name == "articles" else [name]


def faults(module, text):
    """Packages that a module imports and should not."""
    own = module.split("/")[0]
    others = {name.split(".")[1] for name in imported(module, text) if name.startswith("articles.")} - {own}
    return {other for other in others if LINE.get(other, len(LINE)) >= LINE[own] or (own in FACES and other in FACES)}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_imports_only_from_the_lines_above_its_own(module):
    assert faults(module, MODULES[module]) == set()


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("text/plain", "from ..models import Article", "models"),
        ("models/articles", "from ..stories import leads", "stories"),
        ("stories/leads", "from articles.sync.importer import import_files", "sync"),
        ("stories/leads", "from ..public import lists", "public"),
        ("public/views", "from .. import syndication", "syndication"),
        ("syndication/feeds", "from ..newsletter import issues", "newsletter"),
        ("admin/articles", "from ..management import base", "management"),
        ("sync/importer", "import articles.suggestions.matching", "suggestions"),
        ("search/index", "def find():\n    from ..admin import base", "admin"),
        ("ranking/rules", "from ..somewhere import else_", "somewhere"),
    ],
)
def test_an_import_from_below_or_beside_is_found(module, line, fault):
    assert faults(module, line) == {fault}


def test_every_package_has_its_line():
    assert {module.split("/")[0] for module in MODULES} == set(LINE)


@pytest.mark.parametrize("module", [name for name in MODULES if name in PURE or name.split("/")[0] in PURE])
def test_pure_modules_know_nothing_of_django(module):
    assert [name for name in imported(module, MODULES[module]) if name.split(".")[0] == "django"] == []


def test_only_the_parser_knows_the_yaml_library():
    assert {module for module, text in MODULES.items() if "yaml" in imported(module, text)} == {"frontmatter/parser"}
