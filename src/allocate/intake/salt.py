"""People's numbers become ids that say nothing: hashed with a salt that stays at the council."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from allocate.errors import BadInput, Fault

SHORTEST_SALT = 16  # characters
SHORTEST_ID = 8  # characters of 5 bits: of 5,000 people two are alike once in 90,000 salts


@dataclass(frozen=True)
class Salt:
    """A secret that ids are hashed with.

    Parameters
    ----------
    path
        The file that keeps it.
    secret
        What is in the file.
    new
        Whether it was made just now and stands in no file yet.
    """

    path: Path
    secret: bytes = field(repr=False)
    new: bool = False

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell one salt from another and give neither away."""
        return self._digest("fingerprint of the salt")[:8]

    @property
    def where(self) -> str:
        """The file as a summary names it: a home folder may be called after somebody."""
        full, home = self.path.absolute(), Path.home()
        return f"~/{full.relative_to(home).as_posix()}" if home in full.parents else str(self.path)

    @property
    def shared(self) -> bool:
        """Whether others than its owner may read the file; not known on Windows."""
        stands = os.name == "posix" and self.path.exists()
        return stands and bool(self.path.stat().st_mode & 0o077)

    def ids(self, prefix: str, keys: Iterable[str], shortest: int = SHORTEST_ID) -> dict[str, str]:
        """Give each key an id, the same every month: longer ones where two would be alike."""
        digests = {key: self._digest(f"{prefix} {key}") for key in set(keys)}
        for length in range(shortest, 53):
            ids = {key: prefix + digest[:length] for key, digest in digests.items()}
            if len(set(ids.values())) == len(ids):
                return ids
        raise AssertionError("two keys have one SHA-256")

    def _digest(self, text: str) -> str:
        raw = hmac.new(self.secret, text.encode(), hashlib.sha256).digest()
        return base64.b32encode(raw).decode().rstrip("=")

    def save(self) -> None:
        """Keep a new salt in its file, for its owner's eyes alone."""
        if not self.new:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600, exist_ok=False)
            self.path.write_bytes(self.secret + b"\n")
        except OSError as error:
            problem = f"cannot be written: {error.strerror}"
            remedy = "Name another file with --salt"
            raise BadInput("--salt", [Fault(str(self.path), "", problem, remedy)]) from error


def default_salt() -> Path:
    """Where the salt is kept unless somebody says otherwise."""
    return Path.home() / ".config" / "allocate" / "salt"


def read_salt(path: Path, expected: str | None) -> Salt:
    """Read a salt, or make one where there is none and none is expected.

    Parameters
    ----------
    path
        The file that keeps it.
    expected
        Fingerprint of the salt of an earlier month; None where there was none.

    Raises
    ------
    BadInput
        Where the salt is not the one expected: no id would match those of the month before.
    """
    if not path.exists():
        if expected:
            problem = f"is not there, and the map was made with salt {expected}"
            raise _refused(path, problem, _remedy(path))
        return Salt(path, secrets.token_hex(32).encode(), new=True)
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", "Free the file") from error
    if len(secret) < SHORTEST_SALT:
        problem = f"holds fewer than {SHORTEST_SALT} characters, which can be guessed"
        raise _refused(path, problem, "Take another file, or remove this one to have one made")
    salt = Salt(path, secret)
    if expected and salt.fingerprint != expected:
        problem = f"is salt {salt.fingerprint}, and the map was made with salt {expected}"
        raise _refused(path, problem, _remedy(path))
    return salt


def _remedy(path: Path) -> str:
    return (
        f"Restore last month's salt to {path} or name it with --salt; to start anew, with ids that "
        "match no earlier ones, take salt_fingerprint out of the map"
    )


def _refused(path: Path, problem: str, remedy: str) -> BadInput:
    return BadInput("the salt", [Fault(str(path), "", problem, remedy)])
