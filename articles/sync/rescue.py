"""What a batch does when the database or our own code refuses it: its files are written one by one.

The file that is refused becomes a rejection, and all others are in. A database that is locked, full or gone is no
file's fault: that stops the import.
"""

import logging
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from ..models import Article, ImportRun, Source
from ..search import index as search_index
from ..stories import grouping
from ..text.printable import printable
from .articles import ArticleFiles, Written
from .found import FileWarning, FoundFile, NothingFoundError
from .locks import LockTimeoutError
from .reading import Reading
from .taxonomy import Taxonomy

logger = logging.getLogger("newsroom.imports")

TOO_COMPLEX = "54"  # how PostgreSQL's codes begin for a row that is too large for it, or for an index
QUOTED = re.compile("""(?<!constraint )(?<!column )(?<!relation )(?<!type )("[^"]*"|'[^']*')""")
Files = list[tuple[str, FoundFile]]  # with the names of their sites
CODE = Path(__file__).resolve().parents[2]


def is_a_files_fault(error: Exception) -> bool:
    """Return whether other files of the batch may do, which is not so if the database or the system fails."""
    if isinstance(error, OperationalError):
        return str(getattr(error.__cause__, "sqlstate", "") or "").startswith(TOO_COMPLEX)
    return not isinstance(error, InterfaceError | OSError | MemoryError)


def reason(error: Exception) -> str:
    """Return the sentence of a rejection. It quotes no value: that may be secured."""
    if isinstance(error, DatabaseError):
        message = QUOTED.sub("…", printable(str(error).strip().partition("\n")[0]))[:200]
        return f"expected values that the database can store, found: {message}"
    return f"expected a file that can be imported, found a fault of Newsroom ({_place(error)}); please report it"


def problem(error: BaseException) -> str:
    """Return why an import ended, for its record. It quotes no value either, but the words of the system."""
    known = OperationalError, InterfaceError, OSError, NothingFoundError, LockTimeoutError
    if isinstance(error, known) or not isinstance(error, Exception):
        return f"{type(error).__name__}: {printable(str(error))}"[:1000]
    return f"{type(error).__name__}: {reason(error)}"


def _place(error: Exception) -> str:
    """Return the type of an error, and the line of our code that it comes from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(CODE)]
    where = f" in {Path(frames[-1].filename).relative_to(CODE)}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def told(what: str, error: Exception) -> str:
    """Log an error in one line: where it was raised, not its own words, which may quote a file. Return its reason."""
    found = reason(error)
    frames = reversed(traceback.extract_tb(error.__traceback__))
    calls = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    logger.error("%s: %s (%s)", printable(what), found, calls)
    return found


def write(files: ArticleFiles, readings: list[Reading], refused: Callable[[Reading, str], None]) -> Written:
    """Write a batch in the caller's transaction. `refused` takes each file that cannot be, and the reason.

    Raises what is no file's fault.
    """
    try:
        return _written(files, readings)
    except Exception as error:
        if not is_a_files_fault(error):
            raise
    found = Written()
    for reading in readings:
        files.forget()
        try:
            found.add(_written(files, [reading]))
        except Exception as error:
            if not is_a_files_fault(error):
                raise
            refused(reading, told(reading.file.path, error))
    files.forget()
    return found


def _written(files: ArticleFiles, readings: list[Reading]) -> Written:
    with transaction.atomic():
        written = files.write(readings)
        search_index.refresh()
    return written


def write_taxonomy(taxonomy: Taxonomy, is_last: bool) -> int:
    """Write topics and organizations in the caller's transaction. Return the number of new conflicts.

    If that fails, each file is tried alone, and those that fail are left out; if it still fails, all of them are.
    """
    files = [(site, file) for site, some in taxonomy.files.items() for file in some]
    try:
        return _taxonomy_written(taxonomy, is_last)
    except Exception as error:
        if not is_a_files_fault(error):
            raise
    for site, file, fault in list(_culprits(taxonomy.run, files)):
        taxonomy.refuse(site, file, told(file.path, fault))
    try:
        return _taxonomy_written(taxonomy, is_last)
    except Exception as error:
        if not is_a_files_fault(error):
            raise
        for site, file in files:
            if file in taxonomy.files[site]:
                taxonomy.refuse(site, file, told(file.path, error))
    return 0


def _taxonomy_written(taxonomy: Taxonomy, is_last: bool) -> int:
    with transaction.atomic():
        raised = taxonomy.write(is_last)
        search_index.refresh()
    return raised


def _culprits(run: ImportRun, files: Files) -> Iterator[tuple[str, FoundFile, Exception]]:
    """Yield the files that cannot even be written alone, each with its error. Nothing is kept of the others."""
    for site, file in files:
        alone = Taxonomy(run)
        alone.add(site, file)
        try:
            with transaction.atomic():
                _taxonomy_written(alone, is_last=True)
                transaction.set_rollback(True)
        except Exception as error:
            if not is_a_files_fault(error):
                raise
            yield site, file, error


def regroup(source: Source, ids: set[int], run: ImportRun, warn: Callable[[FileWarning], None]) -> int:
    """Update the stories of articles. Return the number of new conflicts.

    If that fails, each is tried alone. `warn` is told of each article whose story cannot be made: the next import
    tries it again.
    """
    try:
        return grouping.regroup(source, ids, run)
    except Exception as error:
        if not is_a_files_fault(error):
            raise
    raised = 0
    for pk in sorted(ids):
        try:
            raised += grouping.regroup(source, [pk], run)
        except Exception as error:
            if not is_a_files_fault(error):
                raise
            path = f"{source.name}/_news/{Article.objects.values_list('stem', flat=True).get(pk=pk)}.md"
            warn(FileWarning(printable(path), f"its story is left as it was: {told(path, error)}", key="related"))
    return raised
