"""The environment of `manage.py demo`."""

import os
from pathlib import Path

NOT_OF_THE_DEMO = (
    "CACHE_URL",
    "NEWSROOM_ALLOWED_HOSTS",
    "NEWSROOM_BASE_URL",
    "NEWSROOM_EMAIL_URL",
    "NEWSROOM_WEBSUB_HUB",
)


def become_demo(root: Path) -> None:
    """Make this process the demo, with a database and pictures of its own, whatever is configured."""
    for name in NOT_OF_THE_DEMO:
        os.environ.pop(name, None)
    os.environ["DATABASE_URL"] = "sqlite:///demo.sqlite3"
    os.environ["NEWSROOM_MEDIA_ROOT"] = str(root / "demo-media")
