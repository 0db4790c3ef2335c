"""One-time codes: those of an app (RFC 6238, as every authenticator app makes them), and recovery codes."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP = 30  # seconds that an app shows a code
DIGITS = 6
DRIFT = 1  # steps that the clock of a telephone may be off
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits: too many to try, so a plain digest keeps them


def make_secret() -> str:
    """Return 160 random bits in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """Return the code of a half minute, counted from 1970 (RFC 4226)."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return str((int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


def step_of(secret: str, typed: str, seconds: float) -> int | None:
    """Return the half minute that a typed code is of, if that is about now; else None. Takes the same time for all."""
    now, found = int(seconds // STEP), None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed.encode()):
            found = step
    return found


def address_of(secret: str, account: str, site: str) -> str:
    """Return the address that a QR code tells an app."""
    site = site.replace(":", " ")
    query = urlencode({"secret": secret, "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{site}:{account}', safe='')}?{query}"


def make_recovery_codes() -> list[str]:
    """Return new codes, in lowercase groups of four."""
    made = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in made]


def plain(typed: str) -> str:
    """Return a typed code without the spaces and hyphens of its groups, in lowercase."""
    return "".join(typed.split()).replace("-", "").lower()


def digest_of(user_id: object, code: str) -> str:
    """Return what is stored of a recovery code."""
    return hashlib.sha256(f"{user_id}:{plain(code)}".encode()).hexdigest()
