"""The README and the docs say what is: their links, variables, commands and words."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import load_command_class

from tests.documented import CRON, PAGES, ROOT, blocks
from tests.test_architecture import RULE

TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES if (ROOT / page).exists()}
TEXTS |= {page: (ROOT / page).read_text(encoding="utf-8") for page in ("SECURITY.md", "CHANGELOG.md")}
BLOCKS = [block for page, text in TEXTS.items() for block in blocks(page, text)]
FENCED = re.compile(r"(?ms)^```.*?^```$")
LINK = re.compile(r"\[[^\]]*\]\(<?([^)>\s]+)>?\)")
COMMANDS = sorted(
    path.stem for path in (ROOT / "articles/management/commands").glob("*.py") if not path.stem.startswith("_")
)
DJANGOS = {"-h", "--help", "--version", "-v", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color"}
DJANGOS |= {"--force-color", "--skip-checks"}
WORDS = """
article lead coverage story heat hot stem source provider boost pin topic quality conflict outlet card excerpt published
removed score suggestion related-link secured site
"""


def anchors(text):
    """The anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links():
    for page, text in TEXTS.items():
        for target in LINK.findall(FENCED.sub("", text)):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def section(page, heading):
    """The part of a page below a heading of the second level."""
    match = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", TEXTS[page])
    return match[1] if match else ""


def test_the_readme_is_read_in_a_minute():
    assert len(TEXTS["README.md"].splitlines()) <= 80


def test_the_first_commands_of_the_readme_are_the_demo_and_the_tests():
    first, second = [block.text for block in BLOCKS if block.page == "README.md" and block.language == "sh"][:2]

    assert first.endswith("manage.py demo\n")
    assert second.endswith("-m pytest\n")


def test_the_readme_has_the_rule_of_the_architecture_test():
    (rule,) = [block.text for block in BLOCKS if block.page == "README.md" and block.language == "text"]

    assert rule.strip() == RULE.strip()


def test_the_map_has_every_package():
    rows = re.findall(r"(?m)^\| ((?:`\w+`(?:, )?)+) \|", section("CONTRIBUTING.md", "The map"))

    assert {name for row in rows for name in re.findall(r"\w+", row)} == set(RULE.split())


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_a_link_of_the_docs_leads_somewhere(page, target):
    path, _, anchor = unquote(target).partition("#")
    found = (ROOT / page).parent / path if path else ROOT / page

    assert found.exists()
    if anchor:
        assert anchor in anchors(found.read_text(encoding="utf-8"))


def test_the_index_leads_to_every_page_of_the_docs():
    there = {Path(target.partition("#")[0]).name for page, target in links() if page == "docs/README.md"}

    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} <= there


def read_variables():
    """The environment variables that the settings and servers read."""
    for path in (ROOT / "newsroom").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = ast.unparse(node.func)
                if function == "os.environ.get" or function.startswith("environment."):
                    yield node.args[0].value


def test_every_environment_variable_is_documented_and_no_other():
    documented = re.findall(r"(?m)^\| `(\w+)` \|", TEXTS["docs/configuration.md"])

    assert sorted(documented) == sorted(set(read_variables()))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_options(name):
    parser = load_command_class("articles", name).create_parser("manage.py", name)
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    usage = section("docs/commands.md", name).strip().partition("\n\n")[0]

    assert usage.startswith(f"`{name}")
    assert set(re.findall(r"--[a-z-]+", usage)) == options - DJANGOS


def test_no_other_command_is_documented():
    sections = re.findall(r"(?m)^## (\w+_?\w*)$", TEXTS["docs/commands.md"])

    assert sorted(sections) == COMMANDS


@pytest.mark.parametrize("label", re.findall(r"(?m)^\| \*(.+?)\* \|", TEXTS["docs/editing.md"]))
def test_the_admin_has_a_button_or_action_that_the_docs_name(label):
    pages = [path for folder in ("admin", "desk") for path in (ROOT / "templates" / folder).rglob("*.html")]
    sources = [*(ROOT / "articles/admin").glob("*.py"), *pages]

    assert any(label in path.read_text(encoding="utf-8") for path in sources)


def test_programs_of_the_tests_that_the_docs_name_are_there():
    named = {name for text in TEXTS.values() for name in re.findall(r"-m tests((?:\.\w+)+)", text)}

    assert {name for name in named if not (ROOT / f"tests{name.replace('.', '/')}.py").exists()} == set()


@pytest.mark.parametrize("word", WORDS.split())
def test_the_glossary_has_a_word(word):
    words = {found.lower() for found in re.findall(r"(?m)^- \*\*(.+?)\*\*", TEXTS["docs/glossary.md"])}

    assert word.replace("-", " ") in words


def test_a_block_that_is_not_run_says_why():
    assert [block for block in BLOCKS if block.note == "not run" and len(block.value.split()) < 3] == []
    assert len([block for block in BLOCKS if block.note == "not run"]) <= 10


def test_commands_are_in_blocks_that_are_run():
    texts = [block for block in BLOCKS if block.language in ("", "text", "bash", "shell")]

    assert [block for block in texts if "manage.py " in block.text or CRON.search(block.text)] == []


def test_all_fences_of_the_docs_are_understood():
    counted = {page: len(re.findall(r"(?m)^```\w*$", text)) / 2 for page, text in TEXTS.items()}

    assert counted == {page: len([block for block in BLOCKS if block.page == page]) for page in TEXTS}


def test_comments_above_blocks_are_understood():
    notes = sum(len(re.findall(r"(?m)^<!-- .+ -->\n```", text)) for text in TEXTS.values())

    assert notes == len([block for block in BLOCKS if block.note])
