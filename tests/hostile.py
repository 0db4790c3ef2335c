"""Files, archives and paths that mean harm, each to be refused. Nothing here may take anything down."""

import bz2
import gzip
import io
import lzma
import os
import socket
import struct
import tarfile
import zipfile
import zlib
from itertools import count

from articles.frontmatter import schema
from tests.factories import make_file

HEAD = b'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'


def matter(lines=b"", head=HEAD):
    return b"---\n" + head + lines + b"\n---\n"


ALIASES = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12))
MERGES = b"".join(b"b%d: &b%d\n  <<: [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1)] * 9)) for n in range(1, 12))

# Articles' files by name, all refused; below, one is added for each key of the schema.
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
    "byte-order-mark": b"\xef\xbb\xbf" + matter(),
    "nul": matter(b"excerpt: \x00"),
    "nul-escaped": matter(b'excerpt: "\\0"'),
    "control-characters": matter(b"excerpt: \x1b[31mred"),
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
    "topics-by-the-hundred": matter(b"topics: [" + b"".join(b"t%d," % n for n in range(101)) + b"]"),
    "escapes-by-the-million": matter(b'title2: "' + b"\\u2028" * 600_000 + b'"'),
    "quotes-that-never-end": matter(b'x: "' * 500_000),
    "comments-only": b"---\n" + b"# no\n" * 500_000 + b"---\n",
    "blank-lines-only": b"\n" * 4_000_000,
    "lines-of-dashes": b"---\n" + b"--- \n" * 500_000,
    "script-address": matter(b"webUrl: javascript:alert(1)"),
    "file-address": matter(b"webUrl: file:///etc/passwd"),
    "domain-that-climbs": matter(head=HEAD.replace(b"a.example", b"../../etc")),
    "ten-thousand-images": matter(b"images:\n" + b"  - url: https://i.example/\n" * 10_000),
    "long-title": matter(head=HEAD.replace(b'"A"', b'"' + b"A" * 501 + b'"')),
    "long-topic": matter(b"topics: [" + b"a" * 101 + b"]"),
    "executable": b"\x7fELF" + bytes(range(256)) * 10,
    "name with blanks": matter(),
    "name\nof two lines": matter(),
    "n" * 252: b"",
}
KEYS = [field.key for field in schema.ARTICLE.fields]
for key in KEYS:
    wrong = b"12" if key in ("provider", "topics", "images", "related") else b"{a: [b]}"
    FILES[f"wrong-type-{key}"] = (
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
    """Write every hostile file into a site; returns their paths."""
    paths = []
    for name, data in {**{f"_news/{name}.md": data for name, data in FILES.items()}, **TAXONOMY}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
        paths.append(site / name)
    return paths


def write_specials(folder):
    """What is no regular file at all, or has no name; returns their paths."""
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
    """What a command may be given that is no file; returns their paths."""
    os.mkfifo(folder / "pipe.tar")
    os.mkfifo(folder / "pipe.zip")
    (folder / "nowhere.zip").symlink_to(folder / "missing")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "loop.tar.gz").symlink_to(folder / "loop.tar.gz")
    return [folder / name for name in ("pipe.tar", "pipe.zip", "nowhere.zip", "loop.md", "loop.tar.gz")]


GOOD = 2  # articles in each archive that can be read at all
number = count(1)


def good():
    """Good members, of names that no other archive has."""
    return [(f"x/_news/{file.name}.md", file.data) for file in (make_file(f"good-{next(number)}") for _ in range(GOOD))]


def tar_bytes(*members):
    """An uncompressed tar of (name or TarInfo, data) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member, data in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            info.size = len(data) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def open_tar(*members):
    """A tar without its end, to go on with."""
    return tar_bytes(*members)[: sum(512 + -(-len(data) // 512) * 512 for _, data in members)]


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def header_of(name, size, kind=tarfile.REGTYPE, pax=None):
    """A member's header that claims `size` bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.pax_headers = size, kind, pax or {}
    return info.tobuf(tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)


def squeezed(start, block, times):
    """An xz stream of `start` and a block again and again, made without holding them."""
    compressor = lzma.LZMACompressor(preset=0)
    pieces = [compressor.compress(start), *(compressor.compress(block) for _ in range(times))]
    return b"".join(pieces) + compressor.flush()


MIB = bytes(2**20)
LINKS = [
    (special("x/_news/symlink.md", tarfile.SYMTYPE, "/etc/passwd"), b""),
    (special("x/_news/hardlink.md", tarfile.LNKTYPE, "x/_news/symlink.md"), b""),
    (special("x/_news/device.md", tarfile.CHRTYPE), b""),
    (special("x/_news/fifo.md", tarfile.FIFOTYPE), b""),
]
CLIMBERS = [
    ("../../../_news/climber.md", matter()),
    ("/abs/_news/absolute.md", matter()),
    ("x/_news/../../_news/c.md", matter()),
]


def broken_in_the_middle():
    """A tar whose second member has a header that is none; a reader that stops there tells nothing of the rest."""
    data = bytearray(tar_bytes(*good(), ("x/_news/after.md", matter())))
    data[data.index(b"x/_news/after.md") + 100] ^= 0xFF
    return bytes(data)


HOLES = 100


def holes():
    """Members of nothing but holes: of 1 kB each, and of 4 MiB when read."""
    sparse = {"GNU.sparse.size": str(4 * 2**20), "GNU.sparse.map": f"{4 * 2**20},0"}
    return b"".join(header_of(f"x/_news/hole-{n}.md", 0, pax=sparse) for n in range(HOLES))


def sparse_list():
    """A member that says it has a billion holes, and names 25 million of them."""
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
    return squeezed(after_good(header_of("x/_news/sparse.md", 2**31, pax=sparse), b"999999999\n"), b"0\n" * 2**19, 50)


def pax_bomb(size=7_000_000):
    """Headers for all members, of a million keys."""
    keys = b"".join(b"20 k%011d=v\n" % n for n in range(size // 20))
    header = header_of("h", len(keys), tarfile.XGLTYPE) + keys + bytes(-len(keys) % 512)
    return lzma.compress(after_good(header * 3, bytes(1024)), preset=0)


def zip_bytes(*members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return buffer.getvalue()


def zip_link(name):
    link = zipfile.ZipInfo(name)
    link.external_attr = 0o120777 << 16
    return link


def lying(data, name, size):
    """A zip whose directory says that a member has `size` bytes."""
    data = bytearray(data)
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    data[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(data)


def zip_of(method, content, name=b"x/_news/bomb.md"):
    """A zip with one member, compressed by any method, that says it has 100 bytes."""
    fields = (method, 0, 0x21, 0, len(content), 100, len(name), 0)
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 63, 0, *fields) + name + content
    entry = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 63, 63, 0, *fields, 0, 0, 0, 0, 0) + name
    return local + entry + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


def bz2_bomb():
    compressor = bz2.BZ2Compressor()
    return b"".join(compressor.compress(MIB) for _ in range(128)) + compressor.flush()


def lzma_bomb():
    """LZMA as zip has it: version, length of properties, properties."""
    data = lzma.compress(MIB * 64, lzma.FORMAT_ALONE, preset=0)
    return b"\x09\x04\x05\x00" + data[:5] + data[13:]


def encrypted():
    """A zip whose only article has the flag of an encrypted one."""
    data = bytearray(zip_bytes(("x/_news/locked.md", matter())))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def broken_member():
    """A zip whose first member cannot be read, and whose others can."""
    data = bytearray(zip_bytes(("x/_news/broken.md", os.urandom(900)), *good()))
    data[200:220] = bytes(20)
    return bytes(data)


def huge_dictionary():
    """An xz stream whose header asks for gigabytes of memory: a small one with its header changed."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 4096}]
    data = bytearray(lzma.compress(tar_bytes(*good()), filters=filters))
    # Block header: size, flags, filter id (0x21), properties size (1), dictionary size, padding, CRC32.
    size = (data[12] + 1) * 4
    assert data[14:16] == b"\x21\x01"
    data[16] = 36  # 2 GiB
    data[12 + size - 4 : 12 + size] = zlib.crc32(bytes(data[12 : 12 + size - 4])).to_bytes(4, "little")
    return bytes(data)


def cut_tar(pack, end):
    """A packed tar that stops in the middle of its last member."""
    return pack(tar_bytes(*good(), ("x/_news/t.md", os.urandom(2**20))))[:-end]


def after_good(*pieces):
    """A tar's good members and then something else."""
    return open_tar(*good()) + b"".join(pieces)


STREAM = 16 * MIB  # packed once and repeated, as both formats allow: many GB for a few bytes
BOMB = header_of("x/_news/bomb.md", 2**33)
PAX_OF_1_GB = header_of("pax", 2**30, tarfile.XHDTYPE)
FILLER = header_of("x/filler.bin", len(STREAM)) + STREAM
NAME_OF_1_GB = header_of("././@LongLink", 2**30, tarfile.GNUTYPE_LONGNAME)
BIG = ("x/_news/bomb.md", MIB * 50)

# Archives by name: what makes them, how many lines they are told in, and how many good articles are in.
ARCHIVES = {
    "climbing.tar.xz": (lambda: lzma.compress(tar_bytes(*CLIMBERS, *good())), 3, GOOD),
    "climbing.zip": (lambda: zip_bytes(*CLIMBERS, *good()), 3, GOOD),
    "links.tar": (lambda: tar_bytes(*LINKS, *good()), 4, GOOD),
    "links.zip": (lambda: zip_bytes((zip_link("x/_news/link.md"), "/etc/passwd"), *good()), 1, GOOD),
    "truncated.tar": (lambda: cut_tar(bytes, 20_000), 1, GOOD),
    "truncated.tar.gz": (lambda: cut_tar(gzip.compress, 900), 1, GOOD),
    "truncated.tar.xz": (lambda: cut_tar(lzma.compress, 900), 1, GOOD),
    "truncated-between-members.tar": (after_good, 1, GOOD),
    "truncated.zip": (lambda: zip_bytes(*good())[:-40], 1, 0),
    "broken-in-the-middle.tar": (broken_in_the_middle, 1, GOOD),
    "broken-in-the-middle.tar.gz": (lambda: gzip.compress(broken_in_the_middle()), 1, GOOD),
    "broken-member.zip": (broken_member, 1, GOOD),
    "garbage.tar": (lambda: b"\xff" * 5000, 1, 0),
    "garbage.tar.gz": (lambda: b"\xff" * 5000, 1, 0),
    "garbage.tar.xz": (lambda: b"\xff" * 5000, 1, 0),
    "garbage.zip": (lambda: b"PK\x03\x04" + b"\xff" * 500, 1, 0),
    "empty.tar": (bytes, 1, 0),
    "empty.zip": (bytes, 1, 0),
    "claims-10-gb.tar": (lambda: after_good(header_of("x/_news/big.md", 10 * 2**30), bytes(9000)), 2, GOOD),
    "claims-less-than-nothing.tar": (lambda: after_good(header_of("x/_news/less.md", -512), MIB), 2, GOOD),
    "bomb.tar.xz": (lambda: squeezed(after_good(BOMB), MIB, 300), 2, GOOD),
    "bomb-of-streams.tar.xz": (lambda: lzma.compress(after_good(BOMB)) + lzma.compress(STREAM) * 512, 2, GOOD),
    "bomb.tar.gz": (lambda: gzip.compress(after_good(BOMB)) + gzip.compress(STREAM) * 512, 2, GOOD),
    "bomb-of-members.tar.xz": (lambda: lzma.compress(after_good()) + lzma.compress(FILLER) * 512, 1, GOOD),
    "bomb-of-members.tar.gz": (lambda: gzip.compress(after_good()) + gzip.compress(FILLER) * 16, 1, GOOD),
    "pax-header-of-1-gb.tar.xz": (lambda: squeezed(after_good(PAX_OF_1_GB), MIB, 16), 1, GOOD),
    "name-of-1-gb.tar.xz": (lambda: squeezed(after_good(NAME_OF_1_GB), MIB, 16), 1, GOOD),
    "pax-keys-by-the-million.tar.xz": (pax_bomb, 1, GOOD),
    "holes.tar.xz": (lambda: lzma.compress(holes() + tar_bytes(*good())), HOLES, GOOD),
    "holes-by-the-million.tar.xz": (sparse_list, 1, GOOD),
    "dictionary.tar.xz": (huge_dictionary, 1, 0),
    "bomb.zip": (lambda: zip_bytes(BIG, *good()), 1, GOOD),
    "lying-bomb.zip": (lambda: lying(zip_bytes(BIG, *good()), b"x/_news/bomb.md", 100), 1, GOOD),
    "bomb-by-bz2.zip": (lambda: zip_of(zipfile.ZIP_BZIP2, bz2_bomb()), 1, 0),
    "bomb-by-lzma.zip": (lambda: zip_of(zipfile.ZIP_LZMA, lzma_bomb()), 1, 0),
    "encrypted.zip": (encrypted, 1, 0),
}


def write_archive(folder, name):
    make, _, _ = ARCHIVES[name]
    (folder / name).write_bytes(make())
    return folder / name
