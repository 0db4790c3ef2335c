"""Who may import whom: each layer only from the layers before it, and never inside a function."""

import ast
from pathlib import Path

import pytest

ARTICLES = Path(__file__).resolve().parents[1] / "articles"
LAYERS = [
    {
        "frontmatter",
        "addresses",
        "drawing",
        "fetching",
        "imaging",
        "keyset",
        "keywords",
        "merge",
        "ranking",
        "search",
        "similarity",
        "texts",
    },
    {"files"},
    {"querysets", "bulk"},
    {"scoring"},
    {"display", "labels", "models", "paging"},
    {"holds", "originals", "pictures", "scorecards", "values"},
    {"conflicts", "history", "renditions", "search_index"},
    {"stories", "taxonomy"},
    {"article_files", "decisions", "story_editing"},
    {"importer", "suggestions"},
    {"lists", "entries"},
    {"share_pictures", "newsletter"},
    {"mailing"},
    {"structured_data"},
    {"why"},
    {"feeds", "sitemaps"},
    {
        "exporter",
        "scores",
        "views",
        "subscribing",
        "api",
        "desk",
        "forms",
        "templatetags",
        "context_processors",
        "apps",
    },
    {"websub"},
    {"story_desk", "newsletter_desk"},
    {"admin"},
    {"site_urls"},
    {"urls", "management"},
]
MODULES = sorted(path for path in ARTICLES.rglob("*.py") if not {"migrations", "__pycache__"} & set(path.parts))
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}
PURE = {
    "frontmatter",
    "addresses",
    "drawing",
    "fetching",
    "imaging",
    "keywords",
    "merge",
    "ranking",
    "search",
    "similarity",
    "texts",
}


def part(path):
    """The module or package of `articles` that a file belongs to."""
    return path.relative_to(ARTICLES).parts[0].removesuffix(".py")


def imported(path):
    """Names of modules that a file imports, those of this app as `articles.<part>`."""
    package = ["articles", *path.relative_to(ARTICLES).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "articles" else [module]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ARTICLES)))
def test_modules_import_only_from_layers_before_theirs(path):
    if path == ARTICLES / "__init__.py":
        return
    inside = {name.split(".")[1] for name in imported(path) if name.startswith("articles.")} - {part(path)}

    assert {name for name in inside if LEVEL[name] >= LEVEL[part(path)]} == set()


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) in PURE], ids=lambda path: path.name)
def test_pure_modules_know_nothing_of_django(path):
    assert [name for name in imported(path) if name.split(".")[0] == "django"] == []


def test_only_the_parser_knows_the_yaml_library():
    assert {path.name for path in MODULES if "yaml" in imported(path)} == {"parser.py"}
