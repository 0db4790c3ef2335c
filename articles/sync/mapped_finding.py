"""Find and read files of other programs: at the places of a mapping, in a folder or an archive, or a single file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from .. import mappings
from ..frontmatter import FrontMatterError, Kind, expected, printable
from ..mappings import TABLES, Mapping, tables
from ..models import PLACE_LENGTH
from ..text.digests import hex_digest
from . import archives, files, names
from .allowance import Allowance
from .claims import Claims
from .found import MARKDOWN, FileWarning, Found, FoundFile, LeftOut, NothingFoundError, Place, Rejection, packed
from .mapped import MappedFile

ANCESTORS = 4  # folders above the given one that may be part of a place
PREVIEWED = 5  # files of a dry run that are shown
TEXTS = (*MARKDOWN, ".mdown", ".html", ".rst", ".txt", ".adoc", ".org", ".textile", *TABLES)

Item = FoundFile | Rejection | FileWarning


def find(path: str, mapping: Mapping, allowance: Allowance | None = None) -> Found:
    """Yield what a mapping finds at `path`: a file, a folder or an archive. `allowance` is that of all archives.

    Raises NothingFoundError, now or while it is read, if that is nothing.
    """
    where = Path(path)
    if not where.exists():
        raise NothingFoundError(f"{printable(path)}: No such file or directory.")
    claims = Claims()
    found = False
    allowance = allowance or Allowance()
    for item in _folder(where, mapping) if where.is_dir() else _file(where, mapping, allowance):
        found = found or not isinstance(item, FileWarning)
        for each in _articles(item, mapping) if isinstance(item, FoundFile) else [item]:
            yield _claimed(each, claims) if isinstance(each, MappedFile) else each
    if not found:
        wanted = ", ".join(mapping.files)
        raise NothingFoundError(f"{printable(path)}: expected files at the mapping's places ({wanted}), found none.")


def _file(where: Path, mapping: Mapping, allowance: Allowance) -> Iterator[Item]:
    """Yield an archive's files, or the one file at a path. The shortest end of its path that fits is its place."""
    if archives.is_archive(where):
        for item in _archive(where, mapping, allowance):
            if isinstance(item, FoundFile):
                item.allowance = allowance
            yield item
        return
    parts = where.resolve().parts
    tails = (PurePosixPath(*parts[-count:]) for count in range(1, len(parts)))
    below = next(filter(mapping.place, tails), PurePosixPath(where.name))
    yield _placed(files.read_file(str(where.resolve()), _place("", below), printable(str(where))), below)


def _folder(where: Path, mapping: Mapping) -> Iterator[Item]:
    """Yield the files of a folder, which may be their program's or one in it."""
    resolved = PurePosixPath(where.resolve())
    found = list(files.walk(where, ()))
    inner = [(item[0], PurePosixPath(*item[1])) for item in found if not isinstance(item, Rejection)]
    root, paths = resolved, inner
    for folder in (resolved, *list(resolved.parents)[:ANCESTORS]):
        outer = [(path, resolved.relative_to(folder) / below) for path, below in inner]
        if any(mapping.place(below) for _, below in outer):
            root, paths = folder, outer
            break
    yield from (item for item in found if isinstance(item, Rejection))
    for path, below in paths:
        if mapping.place(below):
            yield _placed(files.read_file(path, _place(root.name, below)), below)
    yield from _left_out(printable(str(where)), [below for _, below in paths], mapping)


def _archive(where: Path, mapping: Mapping, allowance: Allowance) -> Iterator[Item]:
    """Yield the files of an archive, whose paths may begin with a folder that holds all the others."""
    shown, folder = printable(str(where)), archives.NAMES.sub("", where.name)
    others = []
    try:
        for name, content in archives.members(where, allowance):
            parts = [part for part in PurePosixPath(name).parts if part != "."]
            places = [PurePosixPath(*parts[start:]) for start in (0, 1) if parts[start:]]
            if below := next(filter(mapping.place, places), None):
                item = _member(f"{shown}/{printable(name)}", name, _place(folder, below), content)
                yield _placed(item, below)
            else:
                others += places
    except (*archives.DAMAGED, *archives.UNREADABLE) as error:
        yield Rejection(shown, archives.message_of(error), hides=True)
    yield from _left_out(shown, others, mapping)


def _place(folder: str, below: PurePosixPath) -> Place:
    return Place(Kind.ARTICLE, folder, below.parts, is_bare=True)


def _placed(item: FoundFile | Rejection, below: PurePosixPath) -> FoundFile | Rejection:
    """Give a file that was read its path in its program's folder."""
    if isinstance(item, FoundFile):
        item.place = below.as_posix()
    return item


def _member(path: str, name: str, place: Place, content: bytes | str) -> FoundFile | Rejection:
    if ".." in PurePosixPath(name).parts or name.startswith("/"):
        return Rejection(path, "expected a path inside the archive, found one that leaves it")
    if not names.is_text(name):
        return Rejection(path, "expected a name in UTF-8, found one in another code page", key="file name")
    if isinstance(content, bytes) and (what := packed(content)):
        content = expected("a text", what)
    return place.rejection(path, content) if isinstance(content, str) else place.file(path, content)


def _left_out(shown: str, paths: Iterable[PurePosixPath], mapping: Mapping) -> Iterator[FileWarning]:
    """Tell the texts in the mapping's folders that it does not name: it may have forgotten a suffix."""
    folders = [folder for glob in mapping.files if (folder := fixed_part(glob))]
    left_out = LeftOut(f"files at the mapping's places ({', '.join(mapping.files)})")
    for path in paths:
        name = path.as_posix()
        if (
            any(name.startswith(folder) for folder in folders)
            and path.suffix.lower() in TEXTS
            and not (mapping.place(path) or mapping.skips(path))
        ):
            left_out.add(name)
    yield from left_out.told(shown)


def fixed_part(glob: str) -> str:
    """Return the folders at the start of a pattern that it names as they are, with a slash; "" for none."""
    return re.split(r"[*?]", glob)[0].rpartition("/")[0] + "/" if "/" in re.split(r"[*?]", glob)[0] else ""


def _articles(file: FoundFile, mapping: Mapping) -> Iterator[MappedFile | Rejection]:
    """Yield a file, or the rows of a table, by a mapping."""
    item = MappedFile(**{**vars(file), "name": ""}, mapping=mapping)
    if not file.place.lower().endswith(TABLES):
        yield _named(item)
        return
    try:
        text = mappings.decode(file.data)
        table = tables.parse(text)
    except FrontMatterError as error:
        yield Rejection(file.path, error.message, error.line, error.key)
        return
    head_lines = table.head.count("\n")
    for row in table.rows:
        if not row.is_empty:
            data, offset = (table.head + row.text).encode(), row.line - head_lines - 1
            yield _named(replace(item, data=data, line=row.line, offset=offset, table=text))


def _named(file: MappedFile) -> MappedFile | Rejection:
    """Give a file its stem, or say why it has none."""
    if len(file.place) > PLACE_LENGTH:
        return Rejection(file.path, f"expected a path of at most {PLACE_LENGTH} characters, found {len(file.place)}")
    if not names.is_text(file.place):
        return Rejection(file.path, "expected a path in UTF-8, found one in another code page", key="file name")
    try:
        file.name = stem(file)
    except FrontMatterError as error:
        return Rejection(file.path, error.message, error.line, error.key)
    return file


def stem(file: MappedFile) -> str:
    """Return the stem of an article: from the file's name, its path or a key; of a row, from a key or its link.

    Raises FrontMatterError if there is none.
    """
    rule, place = file.mapping.stem, PurePosixPath(file.place)
    if file.is_named_by_link:
        return f"link-{hex_digest(file.link or str(file.post().values['title'].value), 8)}"
    if rule in ("name", "path"):
        glob = next((glob for glob in file.mapping.files if Mapping("", (glob,), ()).place(place)), "")
        folders = place.parent.parts[fixed_part(glob).count("/") :] if rule == "path" else ()
        is_bundle = place.stem.lower() == "index"  # it is named like its folder
        found = "-".join((*folders[: -1 if is_bundle else None], names.stem(place.parts, True)))
    else:
        entry = file.post().matter.entries.get(rule.lower())
        found = re.sub(r"[\s/]+", "-", entry.value.strip()) if entry and isinstance(entry.value, str) else ""
    if problem := names.stem_problem(found):
        raise FrontMatterError(file.line, rule, f"{problem}; it names the article")
    return found


def _claimed(file: MappedFile, claims: Claims) -> MappedFile | Rejection:
    """Return a file, or a rejection if another of this run has its stem."""
    where = f"{file.path}:{file.line}" if file.table else file.path
    first = claims.claim("article", (file.source, file.name), where)
    if first is None:
        return file
    advice = "name a column that tells rows apart (stem: id)" if file.table else "use stem: path in the mapping"
    message = f"expected a name of its own, found {file.name!r}, which is that of {first}; {advice}"
    return Rejection(file.path, message, file.line, "stem")


def collect(found: Found, first: list[MappedFile]) -> Found:
    """Yield the same files, and put the first into a list for `preview`."""
    for item in found:
        if isinstance(item, MappedFile) and len(first) < PREVIEWED:
            first.append(item)
        yield item


def preview(first: Iterable[MappedFile]) -> Iterator[str]:
    """Yield lines that say what comes of files: each value of ours with the key that it came from."""
    for file in first:
        yield f"{file.place}:{file.line}" if file.table else file.place
        try:
            post = file.post()
        except FrontMatterError as error:
            yield f"  {error}"
            continue
        yield f"  {'stem':20} {file.name}"
        for name, value in post.values.items():
            yield f"  {name:20} {printable(mappings.shown(value.value))[:80]}  <- {printable(value.origin)}"
        if post.unmapped:
            yield f"  {'not mapped':20} {printable(', '.join(post.unmapped))}"
        if post.matter.body.strip():
            yield f"  {'body':20} kept, {len(post.matter.body.strip())} characters"
