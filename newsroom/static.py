"""Where static files are kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Compressed, and under names that change with the content, once `collectstatic` has made them so.

    Before that, as in development, files go by their own names.
    """

    def stored_name(self, name):
        return super().stored_name(name) if self.hashed_files else name
