"""Count the attacks that the tests try, and write the numbers in docs/security.md: python -m tests.attacks [--check]

A test of an attack has the marker `attack(CLASS)`; each of its items is one vector. With --check nothing is written:
the exit code is 1 if the page has other numbers. It needs the extras `test` and `browser`.
"""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"(?m)^(\| (\d* ?)\|.*\|) \d+ \|$")  # the class, its texts, and the number of its vectors


class Counting:
    """A plugin of pytest that counts the vectors of each class."""

    def __init__(self) -> None:
        self.vectors = Counter[str]()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.vectors.update({str(mark.args[0]) for mark in item.iter_markers("attack")})


def count() -> Counter[str]:
    """Return how many vectors the tests have, by the number of their class. Raises SystemExit if tests do not load."""
    counting = Counting()
    if pytest.main(["--collect-only", "-q", "-q", "-n", "0", "-m", "attack", str(ROOT / "tests")], [counting]):
        sys.exit("The tests could not be collected.")
    return counting.vectors


def numbered(page: str, vectors: Counter[str]) -> str:
    """Return the page with the number of each class in its row, and their sum in the row without a class."""
    return ROW.sub(lambda row: f"{row[1]} {vectors[row[2].strip()] if row[2] else vectors.total()} |", page)


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the attacks that the tests try.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page has other numbers")
    options = parser.parse_args()
    vectors = count()
    old = PAGE.read_text(encoding="utf-8")
    new = numbered(old, vectors)
    classes = {row[2].strip() for row in ROW.finditer(old)} - {""}
    if wrong := sorted(classes ^ set(vectors), key=int):
        sys.exit(f"These classes have no test, or no row in {PAGE.name}: {', '.join(wrong)}.")
    print(f"{vectors.total()} vectors in {len(classes)} classes.")
    if not options.check:
        PAGE.write_text(new, encoding="utf-8")
    elif new != old:
        sys.exit(f"{PAGE.name} has other numbers. Run python -m tests.attacks, and see what is missing.")


if __name__ == "__main__":
    main()
