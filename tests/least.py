"""The least that any importer does: python -m tests.least first|again FOLDER

`first` reads and parses the files of a site and inserts rows that lie ready into the database of DATABASE_URL;
`again` reads and hashes the files.
"""

import os
import pickle
import sqlite3
import sys
from hashlib import blake2b
from pathlib import Path


def main():
    what, folder = sys.argv[1:]
    paths = sorted(Path(folder, "_news").glob("*.md"))
    if what == "again":
        for path in paths:
            blake2b(path.read_bytes(), digest_size=16).hexdigest()
        return
    from articles import frontmatter  # noqa: PLC0415 (hashing alone does without)

    for path in paths:
        frontmatter.parse(path.read_bytes())
    database = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
    content = pickle.loads(Path(database).with_suffix(".rows").read_bytes())  # noqa: S301 (our own)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = normal")
        for table, (names, rows) in content.items():
            listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)  # noqa: S608 (names only)


if __name__ == "__main__":
    main()
