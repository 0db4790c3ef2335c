"""The option --map of `import_articles`."""

from pathlib import Path

from django.core.management import CommandError

from articles import mappings
from articles.frontmatter import FrontMatterError


def read(name):
    """Return the mapping in a file, or a ready one by its name. Raise CommandError if it cannot be read."""
    path = mappings.READY / f"{name}.yaml" if name in mappings.ready() else Path(name)
    try:
        return mappings.read_mapping(mappings.decode(path.read_bytes()))
    except OSError as error:
        known = ", ".join(mappings.ready())
        raise CommandError(f"--map: expected a file or one of {known}, found {name!r} ({error.strerror}).") from error
    except FrontMatterError as error:
        raise CommandError(f"--map: {path}:{error}") from error
