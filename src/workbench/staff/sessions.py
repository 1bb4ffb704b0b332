"""Who is signed in: a random key in the browser's cookie, and here what it stands for.

The cookie names nobody and can be taken back: signing out, a new password, an account that is
removed, a long time without a touch each end a session on the server.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

MOST_EACH = 10  # sessions of one login at once; the oldest ends


@dataclass
class _Session:
    login: str
    proof: str
    began: float
    seen: float


class Sessions:
    """The sessions of a server, ended after `idle` seconds without a touch, or `longest` at all."""

    def __init__(self, idle: float, longest: float, clock: Callable[[], float] = monotonic) -> None:
        self._idle, self._longest, self._clock = idle, longest, clock
        self._open: dict[str, _Session] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, login: str, proof: str = "") -> str:
        """Sign a login in; the key for its cookie. `proof`: what has to stay as it is."""
        key, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._forget()
            theirs = [each for each, found in self._open.items() if found.login == login]
            for old in theirs[: max(0, len(theirs) - MOST_EACH + 1)]:
                del self._open[old]
            self._open[key] = _Session(login, proof, now, now)
        return key

    def login(self, key: str | None) -> str:
        """Whose session a key stands for; "" where it has ended or never was."""
        with self._lock:
            found = self._open.get(key or "")
            return found.login if found and self._alive(found) else ""

    def touch(self, key: str | None) -> bool:
        """Note that somebody used a session; False where it has ended."""
        with self._lock:
            found = self._open.get(key or "")
            if not found or not self._alive(found):
                return False
            found.seen = self._clock()
            return True

    def end(self, key: str | None) -> str:
        """Sign out; whose session it was, "" for none."""
        with self._lock:
            found = self._open.pop(key or "", None)
        return found.login if found else ""

    def keep(self, valid: Callable[[str, str], bool]) -> None:
        """End the sessions of logins that may not see anything any more, or have another proof."""
        with self._lock:
            self._forget()
            known = {(each.login, each.proof) for each in self._open.values()}
        gone = {each for each in known if not valid(*each)}
        with self._lock:
            self._open = {
                key: each
                for key, each in self._open.items()
                if (each.login, each.proof) not in gone
            }

    def _alive(self, found: _Session) -> bool:
        now = self._clock()
        return now - found.seen < self._idle and now - found.began < self._longest

    def _forget(self) -> None:
        self._open = {key: each for key, each in self._open.items() if self._alive(each)}
