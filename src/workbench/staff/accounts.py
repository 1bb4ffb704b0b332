"""The password file of the staff page: salted hashes, never a password.

Hashed with scrypt (Percival and Josefsson, RFC 7914, 2016), which is slow and wants memory, so that
whoever gets hold of the file cannot try many passwords. Real use signs in through an
organisation's own accounts ([staff.oauth]); this file is a start.
"""

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.staff import folder
from workbench.words import staff as words

FILE = "accounts.json"
N, R, P = 2**15, 8, 1  # 32 MB and about a tenth of a second for each try
MEMORY = 2**26
SHORTEST, LONGEST = 12, 256  # letters of a password
LONGEST_LOGIN = 254  # as of an e-mail address


@dataclass(frozen=True)
class Account:
    """How one login's password is checked: salt and hash (base64), and how they were made."""

    salt: str
    hash: str
    n: int
    r: int
    p: int
    added: str

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes as long if it is not."""
        found = _hash(password, base64.b64decode(self.salt), self.n, self.r, self.p)
        return hmac.compare_digest(found, base64.b64decode(self.hash))


NOBODY = Account("AAAAAAAAAAAAAAAAAAAAAA==", base64.b64encode(bytes(32)).decode(), N, R, P, "")


def add(settings: Settings, login: str, password: str) -> bool:
    """Give a login a password, a new one where it had one; True when the login is new.

    Raises WorkbenchError for a login or a password that will not do.
    """
    name = _named(login)
    if not SHORTEST <= len(password) <= LONGEST or password.strip().casefold() == name:
        raise WorkbenchError(words.bad_password(SHORTEST, LONGEST))
    salt = secrets.token_bytes(16)
    account = Account(
        salt=base64.b64encode(salt).decode(),
        hash=base64.b64encode(_hash(password, salt, N, R, P)).decode(),
        n=N,
        r=R,
        p=P,
        added=datetime.now(UTC).date().isoformat(),
    )
    file = _file(settings)
    with folder.locked(file):
        accounts = _read(file)
        new = name not in accounts
        _write(file, {**accounts, name: account})
    return new


def made_up() -> str:
    """A password nobody chose: 20 letters and digits in fives, 100 bits."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def remove(settings: Settings, login: str) -> None:
    """Take a login's password away. Raises WorkbenchError where it has none."""
    name, file = _named(login), _file(settings)
    with folder.locked(file):
        accounts = _read(file)
        if accounts.pop(name, None) is None:
            raise WorkbenchError(words.no_account(name))
        _write(file, accounts)


def listed(settings: Settings) -> dict[str, str]:
    """The logins that have a password, in alphabetical order, each with the day it was set."""
    return {name: each.added for name, each in sorted(_read(_file(settings)).items())}


def check(settings: Settings, login: str, password: str) -> bool:
    """Whether login and password belong together; takes as long for a login that nobody has."""
    account = _read(_file(settings)).get(same(login), NOBODY)
    fits = account.fits(password[:LONGEST])
    return fits and account is not NOBODY and len(password) <= LONGEST


def proof(settings: Settings, login: str) -> str:
    """What changes when a login's password does; "" where it has none."""
    found = _read(_file(settings)).get(same(login))
    return found.salt if found else ""


def same(login: str) -> str:
    """A login as it is kept and compared: small letters, no space around it."""
    return unicodedata.normalize("NFC", login.strip()[:LONGEST_LOGIN]).casefold()


def _named(login: str) -> str:
    name = same(login)
    if not name or len(login.strip()) > LONGEST_LOGIN or not name.isprintable():
        raise WorkbenchError(words.BAD_LOGIN)
    return name


def _hash(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=n, r=r, p=p, maxmem=MEMORY, dklen=32)


def _file(settings: Settings) -> Path:
    return folder.private(settings) / FILE


def _read(file: Path) -> dict[str, Account]:
    if not file.is_file():
        return {}
    try:
        return {name: Account(**each) for name, each in json.loads(file.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError):
        raise WorkbenchError(words.bad_account_file(file.name)) from None


def _write(file: Path, accounts: dict[str, Account]) -> None:
    kept = {name: asdict(each) for name, each in sorted(accounts.items())}
    folder.write(file, json.dumps(kept, indent=1, ensure_ascii=False))
