"""Topic and organization files to rows, merged field by field like articles.

All topic files of a site are one wanted state, so that topics may swap their names, and the order of reading does not
matter. Several sites may describe one topic or outlet: the site whose name sorts first counts.
"""

from collections import defaultdict
from collections.abc import Iterable

from .. import frontmatter
from ..frontmatter import FrontMatterError, Kind, oddities
from ..models import ImportRun, Provider, Topic
from ..provenance.values import Values
from ..text.domains import normal_domain
from . import organizations
from .claims import Claims, taken
from .found import FileWarning, FoundFile, Rejection
from .topic_values import UNIQUE, in_file
from .wanted_topics import Wanted, WantedTopics


class Taxonomy:
    """The topic and organization files of one import. `is_whole` is whether they are all that their sites have."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.is_whole = False
        self.files: dict[str, list[FoundFile]] = defaultdict(list)  # by site
        self.rejected: list[Rejection] = []  # by the last `write`
        self.refused: list[Rejection] = []  # for good: the database or our own code does not take them
        self.warnings: dict[str, list[FileWarning]] = {}  # by path
        self.is_new = False

    def add(self, site: str, file: FoundFile) -> None:
        self.files[site].append(file)
        self.is_new = True

    def refuse(self, site: str, file: FoundFile, reason: str) -> None:
        """Leave out a file from now on."""
        self.files[site].remove(file)
        self.refused.append(Rejection(file.path, reason))
        self.is_whole = False

    def is_due(self, is_last: bool) -> bool:
        """Whether there is anything to write, which the last call does again if a file was rejected."""
        return self.is_new or (is_last and bool(self.rejected))

    def write(self, is_last: bool = False) -> int:
        """Write what the files say that were found so far. Return the number of new conflicts.

        Call it in a transaction. What contradicts a file that is still to be found is rejected for now: the last call
        writes it.
        """
        self.is_new, self.rejected, raised = False, [], 0
        for site, files in sorted(self.files.items()):
            for kind, write in ((Kind.TOPIC, self._write_topics), (Kind.ORGANIZATION, self._write_organizations)):
                chosen = [file for file in files if file.kind is kind]
                raised += write(site, sorted(chosen, key=lambda file: (file.name, file.path)), is_last)
        return raised

    def _write_topics(self, site: str, files: list[FoundFile], is_last: bool) -> int:
        known = set(Topic.objects.exclude(file_text="").values_list("file_name", "file_text")) if files else set()
        if all((file.name, file.data.decode(errors="replace")) in known for file in files):
            return 0
        wanted = self._read_topics(files)
        is_whole = self.is_whole and is_last and len(wanted) == len(files)
        topics = WantedTopics(site, is_whole, wanted)
        self.rejected += topics.check()
        return topics.write(self.run)

    def _read_topics(self, files: Iterable[FoundFile]) -> list[Wanted]:
        """Read files. Of two with one name or `_id`, the second is rejected."""
        wanted: list[Wanted] = []
        claims = Claims()
        for file in files:
            try:
                one = Wanted(file, in_file(file.name, self._parse(file)))
            except FrontMatterError as error:
                self._reject(file, error)
                continue
            others = {key: claims.claim(f"topic {key}", one.said[column], file.path) for column, key in UNIQUE.items()}
            if key := next(filter(others.get, others), None):
                self.rejected.append(one.rejection(key, taken(others[key] or "")))
            else:
                wanted.append(one)
        return wanted

    def _write_organizations(self, site: str, files: list[FoundFile], is_last: bool) -> int:
        """Write files. Of two for one domain, the second is rejected."""
        rows = Provider.objects.exclude(file_text="").values_list("file_text", "domain") if files else ()
        known = dict(rows)
        claims = Claims()
        changed: dict[str, tuple[FoundFile, Values]] = {}
        for file in files:
            try:
                domain = known.get(file.data.decode(errors="replace"))
                said = None if domain else self._parse(file)
                domain = normal_domain(said["domain"]) if said else domain
                if other := claims.claim("domain", domain, file.path):
                    raise FrontMatterError(1, "domain", taken(other))
                if said and domain:
                    changed[domain] = file, said
            except FrontMatterError as error:
                self._reject(file, error)
        return organizations.write(site, changed, self.run) if changed else 0

    def _parse(self, file: FoundFile) -> Values:
        """Return what a file says, and note what is odd in it. Raises FrontMatterError."""
        document = frontmatter.parse(file.data, file.kind)
        odd = (*document.warnings, *oddities.find(document.values, file.data.decode()))
        found = [FileWarning(file.path, each.message, each.line, each.key) for each in odd]
        self.warnings[file.path] = found
        return document.values

    def _reject(self, file: FoundFile, error: FrontMatterError) -> None:
        self.rejected.append(Rejection(file.path, error.message, error.line, error.key))
