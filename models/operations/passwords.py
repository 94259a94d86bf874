"""Passwords: how they are hashed, which are refused, and the one-time ones that an account begins with."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.accounts import Account

# Without what is misread in print: 0 O o, 1 l I.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """The rules of signing in, which the body's security policy sets."""

    min_length: int = 12
    max_failures: int = 5
    lockout: dt.timedelta = dt.timedelta(minutes=15)


DEFAULT_POLICY = SignInPolicy()


class PasswordFault(StrEnum):
    """Why a new password is refused."""

    TOO_SHORT = "too_short"
    CONTAINS_NAME = "contains_name"
    UNCHANGED = "unchanged"
    WRONG_CURRENT = "wrong_current"


class PasswordFaultError(ValueError):
    """A password that cannot be set; `faults` says why, all reasons at once."""

    def __init__(self, *faults: PasswordFault) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def one_time_password() -> str:
    """Four groups of four letters and digits: 93 bits, and fit for reading out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def set_password(account: Account, *, password: str, must_change: bool, policy: SignInPolicy = DEFAULT_POLICY) -> None:
    """Give the account a new password and lift its lock. Raises PasswordFaultError."""
    faults = []
    if len(password) < policy.min_length:
        faults.append(PasswordFault.TOO_SHORT)
    # A name of one character would forbid too much.
    names = (
        part for part in (account.login_name, account.display_name, *account.display_name.split()) if len(part) > 1
    )
    if any(name.casefold() in password.casefold() for name in names):
        faults.append(PasswordFault.CONTAINS_NAME)
    if account.password_hash and verify(account.password_hash, password):
        faults.append(PasswordFault.UNCHANGED)
    if faults:
        raise PasswordFaultError(*faults)
    account.password_hash = _HASHER.hash(password)
    account.must_change_password = must_change
    account.failed_sign_ins, account.locked_until = 0, None


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Takes the same time where there is no hash to compare with."""
    try:
        return _HASHER.verify(password_hash or _hash_of_nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def renewed_hash(password_hash: str, password: str) -> str | None:
    """The hash anew where it was made with weaker parameters than today's, while the password is at hand."""
    return _HASHER.hash(password) if _HASHER.check_needs_rehash(password_hash) else None


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
