"""Where static files are kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # a class without types
    """Compressed, and under names that change with the content, once `collectstatic` has made them so.

    Before that, as in development, files go by their own names.
    """

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
