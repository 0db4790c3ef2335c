"""Who may import whom: a package only from the lines above its own, never inside a function. How long code may be."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARTICLES = ROOT / "articles"
RULE = """
text db net
frontmatter ranking
models mappings
provenance search pictures newsletter
stories public syndication
sync templatetags urls
suggestions operations
admin management
desk
"""
FACES = {"public", "syndication", "newsletter"}  # what readers meet: none of these imports another
PURE = {
    "frontmatter",
    "mappings",
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
    "text/numbers",
    "text/plain",
    "text/printable",
    "text/rules",
    "text/signs",
    "text/domains",
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


def test_only_the_parser_and_the_nodes_of_edits_know_the_yaml_library():
    found = {module for module, text in MODULES.items() if "yaml" in imported(module, text)}
    assert found == {"frontmatter/parser", "frontmatter/nodes"}


MOST_LINES_OF_A_MODULE, MOST_LINES, MOST_COMPLEXITY = 350, 40, 15
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


def complexity(function):
    """Return McCabe's number, with one more for each `and`, `or`, comprehension and conditional expression."""
    nodes = list(ast.walk(function))
    operators = sum(len(node.values) - 1 for node in nodes if isinstance(node, ast.BoolOp))
    comprehensions = sum(1 + len(node.ifs) for node in nodes if isinstance(node, ast.comprehension))
    return 1 + sum(isinstance(node, BRANCHES) for node in nodes) + operators + comprehensions


def too_long(text):
    """Yield what is too long or too complex in a module. `# long: ...` in a `def` line says why it has to be."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES_OF_A_MODULE:
        yield f"{len(lines)} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "# long: " not in lines[node.lineno - 1]:
            length, score = node.end_lineno - node.lineno + 1, complexity(node)
            if length > MOST_LINES or score > MOST_COMPLEXITY:
                yield f"{node.name}: {length} lines, complexity {score}"


def test_no_module_or_function_is_too_long_or_too_complex():
    paths = [path for folder in ("articles", "newsroom", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = {
        path.relative_to(ROOT).as_posix(): list(too_long(path.read_text(encoding="utf-8")))
        for path in paths
        if not {"migrations", "node_modules"} & set(path.parts)
    }

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\n" * 351, "351 lines"),
        ("def f():\n" + "    pass\n" * 40, "f: 41 lines, complexity 1"),
        (
            "def f(a):\n    return [b for b in a if b and b > 1 or not b]" + " if a else a" * 12,
            "f: 2 lines, complexity 17",
        ),
    ],
)
def test_code_that_is_too_long_or_too_complex_is_found(text, fault):
    assert list(too_long(text)) == [fault]
    assert list(too_long(text.replace("):", "):  # long: a table"))) == ([] if "def" in text else [fault])
