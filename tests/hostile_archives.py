"""Hostile archives: broken, truncated, lying about their sizes, or much larger when they are read."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from itertools import count

from tests.factories import make_file
from tests.hostile import matter

GOOD = 2  # articles in each archive that can be read at all
number = count(1)


def good():
    """Return good members, whose names no other archive has."""
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
    """Return a tar without its end."""
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
    """Return an xz stream of `start` and `times` copies of a block, which never are in memory together."""
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
    """A tar whose second member has a damaged header, which tarfile takes for the end."""
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
    """Return a tar's good members, followed by something else."""
    return open_tar(*good()) + b"".join(pieces)


STREAM = 16 * MIB  # packed once and repeated, as both formats allow: many GB for a few bytes
BOMB = header_of("x/_news/bomb.md", 2**33)
PAX_OF_1_GB = header_of("pax", 2**30, tarfile.XHDTYPE)
FILLER = header_of("x/filler.bin", len(STREAM)) + STREAM
NAME_OF_1_GB = header_of("././@LongLink", 2**30, tarfile.GNUTYPE_LONGNAME)
BIG = ("x/_news/bomb.md", MIB * 50)

# By name: what makes the archive, the number of its rejections, and the number of its good articles.
ARCHIVES = {
    "climbing.tar.xz": (lambda: lzma.compress(tar_bytes(*CLIMBERS, *good())), 3, GOOD),
    "climbing.zip": (lambda: zip_bytes(*CLIMBERS, *good()), 3, GOOD),
    "links.tar": (lambda: tar_bytes(*LINKS, *good()), 4, GOOD),
    "links.zip": (lambda: zip_bytes((zip_link("x/_news/link.md"), "/etc/passwd"), *good()), 1, GOOD),
    "truncated.tar": (lambda: cut_tar(bytes, 20_000), 1, GOOD),
    "truncated.tar.gz": (lambda: cut_tar(gzip.compress, 900), 1, GOOD),
    "truncated.tar.xz": (lambda: cut_tar(lzma.compress, 900), 1, GOOD),
    "truncated.tar.bz2": (lambda: cut_tar(bz2.compress, 900), 1, GOOD),
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
    "bomb.tar.bz2": (lambda: bz2.compress(after_good(BOMB)) + bz2.compress(STREAM) * 512, 2, GOOD),
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
