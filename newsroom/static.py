"""Where static files are kept."""

import logging
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger("newsroom.static")


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # a class without types
    """Compressed, and under names that change with the content, once `collectstatic` has made them so.

    Before that, as in development, files go by their own names. So does a file that is not listed, or all if the list
    cannot be read: a page without its looks is better than none.
    """

    def load_manifest(self) -> tuple[dict[str, Any], str]:
        try:
            paths, digest = super().load_manifest()
            return dict(paths), str(digest)
        except (OSError, ValueError, TypeError) as error:
            logger.error("The list of static files cannot be read: run manage.py collectstatic. %s", error)
            return {}, ""

    def stored_name(self, name: str) -> str:
        if not self.hashed_files:
            return name
        try:
            return str(super().stored_name(name))
        except (OSError, ValueError) as error:
            logger.error("The static file %s is not there: run manage.py collectstatic. %s", name, error)
            self.hashed_files[self.hash_key(self.clean_name(name))] = name  # told once
            return name
