"""Hostile files and paths, each to be rejected."""

import os
import socket

from articles.frontmatter import schema

HEAD = b'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'


def matter(lines=b"", head=HEAD):
    return b"---\n" + head + lines + b"\n---\n"


ALIASES = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12))
MERGES = b"".join(b"b%d: &b%d\n  <<: [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1)] * 9)) for n in range(1, 12))

# Articles' files by name, all rejected but those with only a hostile name. More follow, one for each key.
FILES = {
    "nesting-flow": matter(b"x: " + b"[" * 200_000),
    "nesting-flow-closed": matter(b"x: " + b"[" * 20_000 + b"]" * 20_000),
    "nesting-maps": matter(b"x: " + b"{a: " * 20_000),
    "nesting-block": matter(b"x:\n" + b"".join(b" " * (n + 1) + b"a:\n" for n in range(1000))),
    "nesting-dashes": matter(b"x:\n" + b"- " * 5000 + b"a"),
    "alias-bomb": matter(b"a0: &a0 lol\n" + ALIASES),
    "alias-of-itself": matter(b"x: &x [*x]"),
    "merge-bomb": matter(b"b0: &b0 {k: v}\n" + MERGES),
    "merge-key": matter(b"<<: {title: B}"),
    "anchor": matter(b"x: &a 1"),
    "tag-python": matter(b"x: !!python/object/apply:os.system ['touch /tmp/hostile']"),
    "tag-binary": matter(b"x: !!binary aGk="),
    "tag-set": matter(b"x: !!set {a, b}"),
    "tag-own": matter(b"x: !own value"),
    "scalar-of-50-mb": matter(b'excerpt: "' + b"x" * 50_000_000 + b'"'),
    "scalar-of-3-mb": matter(b'title2: "a"\nexcerpt: "' + b"x" * 3_000_000 + b'"'),
    "keys-by-the-thousand": matter(b"".join(b"k%d: v\n" % n for n in range(200_000))),
    "list-by-the-thousand": matter(b"topics: [" + b"a," * 150_000 + b"]"),
    "duplicate-key": matter(b"heat: 1\nheat: 2"),
    "no-opening-line": HEAD + b"---\n",
    "no-closing-line": b"---\n" + HEAD,
    "cut-in-a-scalar": b'---\ntitle: "Half a ti',
    "cut-in-a-character": b"---\ntitle: caf\xc3",
    "bad-utf-8": matter(b"excerpt: \xff\xfe\xfd"),
    "overlong-utf-8": matter(b"excerpt: \xc0\xaf"),
    "utf-16": "---\ntitle: A\n---\n".encode("utf-16"),
    "nul": matter(b"excerpt: \x00"),
    "nul-escaped": matter(b'excerpt: "\\0"'),
    "lone-cr": matter().replace(b"\n", b"\r"),
    "tabs": matter(b"images:\n\t- url: https://i.example/"),
    "half-a-surrogate-pair": matter(b'excerpt: "\\ud800"'),
    "empty": b"",
    "only-a-line": b"---\n",
    "only-two-lines": b"---\n---\n",
    "a-list": b"---\n- a\n---\n",
    "a-body": matter() + b"\nAnd more.\n",
    "two-documents": matter(b"...\n%YAML 1.1\n--- \nx: 1"),
    "impossible-date": matter(head=HEAD.replace(b"2026-11-01", b"2024-99-99")),
    "year-0": matter(head=HEAD.replace(b"2026", b"0000")),
    "year-9999-beyond": matter(head=HEAD.replace(b"2026-11-01T12:00:00Z", b"9999-12-31T23:59:59-14:00")),
    "date-without-time": matter(head=HEAD.replace(b"T12:00:00Z", b"")),
    "huge-number": matter(b"quality: " + b"9" * 100_000),
    "hexadecimal-number": matter(b"quality: 0x10"),
    "fraction": matter(b"heat: 1.5"),
    "infinity": matter(b"heat: .inf"),
    "key-of-3-mb": matter(b"? " + b"k" * 3_000_000 + b"\n: v"),
    "key-of-two-lines": matter(b'"a\\nb": "\\0"'),
    "key-that-clears-the-screen": matter(b'"\\e[2J": "\\0"'),
    "nul-in-a-key": matter(b'x: {"\\0": v}'),
    "escapes-by-the-million": matter(b'title2: "' + b"\\u2028" * 600_000 + b'"'),
    "quotes-that-never-end": matter(b'x: "' * 500_000),
    "comments-only": b"---\n" + b"# no\n" * 500_000 + b"---\n",
    "blank-lines-only": b"\n" * 4_000_000,
    "lines-of-dashes": b"---\n" + b"--- \n" * 500_000,
    "script-address": matter(b"webUrl: javascript:alert(1)"),
    "file-address": matter(b"webUrl: file:///etc/passwd"),
    "domain-that-climbs": matter(head=HEAD.replace(b"a.example", b"../../etc")),
    "long-title": matter(head=HEAD.replace(b'"A"', b'"' + b"A" * 501 + b'"')),
    "executable": b"\x7fELF" + bytes(range(256)) * 10,
    " name after a blank": matter(),
    "name\nof two lines": matter(),
    "n" * 252: b"",
}
# Read, some with a warning: what is odd in a part does not cost the article.
ODD = {
    "byte-order-mark": b"\xef\xbb\xbf" + matter(),
    "control-characters": matter(b"excerpt: \x1b[31mred"),
    "topics-by-the-hundred": matter(b"topics: [" + b"".join(b"t%d," % n for n in range(101)) + b"]"),
    "ten-thousand-images": matter(b"images:\n" + b"  - url: https://i.example/\n" * 10_000),
    "long-topic": matter(b"topics: [" + b"a" * 101 + b"]"),
}
KEYS = [field.key for field in schema.ARTICLE.fields]
for key in KEYS:
    lists = ("topics", "tags", "images", "related")
    wrong = b"12" if key in ("provider", *lists) else b"{a: [b]}"
    (ODD if key in lists else FILES)[f"wrong-type-{key}"] = (
        b"---\n" + b"".join(line for line in HEAD.splitlines(True) if not line.startswith(key.encode()))
        + key.encode() + b": " + wrong + b"\n---\n"
    )  # fmt: skip
FILES["wrong-type-provider"] = b'---\ntitle: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider: 12\n---\n'


TAXONOMY = {
    "_data/topics/01-bomb.yaml": b"x: " + b"[" * 200_000,
    "_data/topics/02-nul.yaml": b'_id: a\nname: A\nservices: {"\\0": x}\n',
    "_data/topics/03-climbs.yaml": b"_id: ../..\nname: A\n",
    "_data/organizations/a.example.md": matter(b"name: [A]", head=b""),
}


def write_files(site):
    """Write every hostile file into a site; return their paths."""
    paths = []
    for name, data in {**{f"_news/{name}.md": data for name, data in FILES.items()}, **TAXONOMY}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
        paths.append(site / name)
    return paths


def write_specials(folder):
    """Make links, pipes and the like in a folder; return their paths."""
    (folder / "link-out.md").symlink_to("/etc/passwd")
    (folder / "link-nowhere.md").symlink_to(folder / "missing")
    (folder / "link-loop.md").symlink_to(folder / "link-loop.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket.md"))
    undecodable = folder / os.fsdecode(b"bytes-\xff\xfe.md")
    undecodable.write_bytes(matter())
    names = ["link-out.md", "link-nowhere.md", "link-loop.md", "pipe.md", "folder.md", "socket.md"]
    return [*(folder / name for name in names), undecodable]


def write_paths(folder):
    """Make what a command may be given and is no regular file; return the paths."""
    os.mkfifo(folder / "pipe.tar")
    os.mkfifo(folder / "pipe.zip")
    (folder / "nowhere.zip").symlink_to(folder / "missing")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "loop.tar.gz").symlink_to(folder / "loop.tar.gz")
    return [folder / name for name in ("pipe.tar", "pipe.zip", "nowhere.zip", "loop.md", "loop.tar.gz")]
