"""Sites to read from: their files, and folders and archives made of them."""

import io
import tarfile
import zipfile
from types import SimpleNamespace

from django.core.management import call_command

from articles.frontmatter import Kind
from articles.sync.files import find
from articles.sync.found import FileWarning

MEMBERS = {
    "harbour/_data/topics/01-tides.yaml": b"t",
    "harbour/_data/organizations/a.example.md": b"o",
    "harbour/_news/a.md": b"a",
    "harbour/_news/b.md": b"b",
}
OTHERS = {
    "harbour/_news/.keep": b"",
    "harbour/_news/.hidden.md": b"",
    "harbour/_news/.obsidian/d.md": b"",
    "harbour/_news/..md": b"",
    "harbour/_news/c.md~": b"",
    "harbour/_news/Thumbs.db": b"",
    "harbour/_data/topics/.keep": b"",
    "harbour/_data/site.yml": b"",
    "harbour/README.md": b"",
    "harbour/_people/p.md": b"",
}
ARCHIVE_NAMES = ["x.tar", "x.tar.gz", "x.tgz", "x.tar.xz", "x.zip", "X.TAR.XZ", "X.Zip"]


def write(folder, members):
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def archive(path, members):
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as file:
            for name, data in members.items():
                file.writestr(name, data)
        return path
    with tarfile.open(path, "w:" + suffix.removeprefix(".").replace("tar", "").replace("tgz", "gz")) as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


def found(path):
    return [
        (item.kind, item.source, item.name, item.data) for item in find(str(path)) if not isinstance(item, FileWarning)
    ]


WHOLE_SITE = [
    (Kind.TOPIC, "harbour", "01-tides", b"t"),
    (Kind.ORGANIZATION, "harbour", "a.example", b"o"),
    (Kind.ARTICLE, "harbour", "a", b"a"),
    (Kind.ARTICLE, "harbour", "b", b"b"),
]


def run(*arguments):
    """Run import_articles. Return its exit code, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_articles", *map(str, arguments), stdout=out, stderr=err)
        code = 0
    except SystemExit as stop:
        code = stop.code
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())
