"""Where pictures are kept, unless the settings name another storage."""

import os
import secrets

from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Files that are there whole or not at all, whatever reads or is killed meanwhile."""

    def _save(self, name, content):
        draft = super()._save(f"{name}.{secrets.token_hex(4)}.part", content)
        os.replace(self.path(draft), self.path(name))
        return name
