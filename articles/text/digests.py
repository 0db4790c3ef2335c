"""Short digests of content. They are stored, so what they give for the same content must never change."""

from hashlib import blake2b


def digest(content: bytes | str, size: int = 16) -> bytes:
    """Return a digest of `size` bytes, at most 64; text counts as UTF-8."""
    return blake2b(content.encode() if isinstance(content, str) else content, digest_size=size).digest()


def hex_digest(content: bytes | str, size: int = 16) -> str:
    """Return the digest as `2 * size` hexadecimal digits."""
    return digest(content, size).hex()


def number(text: str) -> int:
    """Return a signed 64-bit number, the key of `text` in an index."""
    return int.from_bytes(digest(text, 8), signed=True)
