#!/usr/bin/env python
"""Newsroom's command line."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("NEWSROOM_DEBUG", "1")
    try:
        settings.configured or settings.DEBUG  # noqa: B018 (reads the environment)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
