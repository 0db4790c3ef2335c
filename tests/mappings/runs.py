"""Imports and exports of files of other programs, as the tests of this folder do them."""

import io
import json
from contextlib import suppress

from django.core.management import call_command

POST = b"---\nlayout: x\ntitle: One\nlink: https://www.a.example/1\ntags: [a]\n---\n\nBody *one*.\n"
NAME = "_posts/2024-01-02-one.md"
TABLE = b"title,date,link,notes\nOne,2024-01-02,https://a.example/1,\nTwo,2024-01-03,https://b.example/2,kept\n"


def load(path, mapping="jekyll", *options):
    """Import by a mapping. Return the report, and what went to standard error."""
    err, report = io.StringIO(), path.parent / "report.json"
    arguments = [str(path), "--map", str(mapping), "--report", str(report), *options]
    with suppress(SystemExit):  # some were rejected
        call_command("import_articles", *arguments, stdout=io.StringIO(), stderr=err)
    return json.loads(report.read_text()), err.getvalue()


def export(folder, *options):
    err = io.StringIO()
    call_command("export_articles", str(folder), *options, stdout=io.StringIO(), stderr=err)
    return err.getvalue()
