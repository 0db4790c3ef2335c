"""A database of its own for what is measured. To be called before models are imported."""

import os
import tempfile
from pathlib import Path

import django

folder = tempfile.TemporaryDirectory()  # until the process ends


def begin():
    """Set Django up with an empty file, unless DATABASE_URL names a PostgreSQL server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder.name) / 'many.sqlite3'}"
    django.setup()
