"""Files that mean harm, each with the reason it must be refused for. Nothing here may take anything down."""

import io
import lzma
import os
import socket
import tarfile
import zipfile
import zlib

from articles.frontmatter import schema

HEAD = b'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'


def matter(lines=b"", head=HEAD):
    return b"---\n" + head + lines + b"\n---\n"


ALIASES = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12))
MERGES = b"".join(b"b%d: &b%d\n  <<: [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1)] * 9)) for n in range(1, 12))

# Articles' files by name, all refused; `%s` keys are added for each key of the schema below.
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


def write_files(folder):
    """Write every hostile file; returns how many."""
    for name, data in FILES.items():
        (folder / f"{name}.md").write_bytes(data)
    return len(FILES)


def write_specials(folder):
    """What is no regular file at all; returns how many."""
    (folder / "link-out.md").symlink_to("/etc/passwd")
    (folder / "link-nowhere.md").symlink_to(folder / "missing")
    (folder / "link-loop.md").symlink_to(folder / "link-loop.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket.md"))
    with open(os.fsencode(folder) + b"/bytes-\xff\xfe.md", "wb") as file:
        file.write(matter())
    return 7


def tar_bytes(*members):
    """An uncompressed tar of (name or TarInfo, data) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member, data in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            info.size = len(data) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def header_of(name, size, kind=tarfile.REGTYPE):
    """A member's header that claims `size` bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def zeros(header, size):
    """An xz stream of a header and `size` zeros, made without holding them."""
    compressor = lzma.LZMACompressor(preset=0)
    pieces = [compressor.compress(header)]
    block = bytes(2**20)
    pieces += [compressor.compress(block) for _ in range(size // len(block))]
    return b"".join(pieces) + compressor.flush()


def write_archives(folder, good):
    """Hostile archives, some with good members (name, data) before what is hostile.

    Returns them with the number of lines each must be told in.
    """
    archives = {}

    def add(name, data, lines=1):
        (folder / name).write_bytes(data)
        archives[folder / name] = lines

    climbing = [("../../../_news/climber.md", matter()), ("/abs/_news/absolute.md", matter())]
    add("climbing.tar.xz", lzma.compress(tar_bytes(*climbing, *good)), lines=2)
    links = [
        (special("a/_news/symlink.md", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (special("a/_news/hardlink.md", tarfile.LNKTYPE, "a/_news/symlink.md"), b""),
        (special("a/_news/device.md", tarfile.CHRTYPE), b""),
        (special("a/_news/fifo.md", tarfile.FIFOTYPE), b""),
    ]
    add("links.tar", tar_bytes(*links), lines=4)
    add(
        "truncated.tar.xz",
        lzma.compress(tar_bytes(("b/_news/t.md", matter(b"x: " + os.urandom(2000).hex().encode()))))[:-900],
    )
    add("garbage.zip", b"PK\x03\x04" + os.urandom(500))
    add("garbage.tar.gz", os.urandom(500))
    add("garbage.tar.xz", os.urandom(500))
    add("claims-10-gb.tar", header_of("c/_news/big.md", 10 * 2**30) + bytes(10_240), lines=2)
    add("bomb.tar.xz", zeros(header_of("d/_news/bomb.md", 2**31), 2**31 // 4), lines=2)
    add("pax-bomb.tar.xz", zeros(header_of("pax", 2**30, tarfile.XHDTYPE), 2**28))
    add("name-bomb.tar.xz", zeros(header_of("././@LongLink", 2**30, tarfile.GNUTYPE_LONGNAME), 2**28))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("e/_news/bomb.md", bytes(50_000_000))
        archive.writestr("e/../../_news/slip.md", matter())
        link = zipfile.ZipInfo("e/_news/link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    add("bomb.zip", buffer.getvalue(), lines=3)
    lying = bytearray(buffer.getvalue())
    place = lying.rindex(b"PK\x01\x02", 0, lying.rindex(b"e/_news/bomb.md"))
    lying[place + 24 : place + 28] = (100).to_bytes(4, "little")
    add("lying.zip", bytes(lying), lines=3)
    dictionary = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**30, "preset": 0}]
    add("dictionary.tar.xz", huge_dictionary(dictionary))
    return archives


def huge_dictionary(filters):
    """An xz stream whose header asks for a gigabyte of memory: a small one with its header changed."""
    small = lzma.compress(tar_bytes(("f/_news/a.md", matter())), filters=[{**filters[0], "dict_size": 4096}])
    data = bytearray(small)
    # Block header: size, flags, filter id (0x21), properties size (1), dictionary size, padding, CRC32.
    size = (data[12] + 1) * 4
    assert data[14:16] == b"\x21\x01"
    data[16] = 36  # 2 GiB
    data[12 + size - 4 : 12 + size] = zlib.crc32(bytes(data[12 : 12 + size - 4])).to_bytes(4, "little")
    return bytes(data)
