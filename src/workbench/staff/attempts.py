"""Wrong passwords are counted, and make the next try wait: by login, and by where it comes from."""

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

FREE = {"login": 5, "address": 20}  # wrong ones before the first wait; an office is one address
FIRST_WAIT, LONGEST_WAIT = 30.0, 900.0  # seconds; each further wrong one doubles it
FORGOTTEN_AFTER = 3600.0
MOST = 10_000  # logins and addresses that are kept in mind


@dataclass(frozen=True)
class _Count:
    wrong: int
    last: float
    until: float


class Attempts:
    """The tries of the last hour; one that is waiting is not counted and not looked at."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def begin(self, login: str, address: str) -> float:
        """Count a try as wrong until `passed` is called; the seconds to wait, 0 where it may go on.

        Counted before the password is looked at, so that a hundred at once are a hundred.
        """
        with self._lock:
            now = self._clock()
            keys = self._keys(login, address)
            if wait := self._left(keys):
                return wait
            for kind, key in zip(FREE, keys, strict=True):
                self._count(key, FREE[kind], now)
            return 0.0

    def wait(self, login: str, address: str) -> float:
        """The seconds that the next try has to wait."""
        with self._lock:
            return self._left(self._keys(login, address))

    def passed(self, login: str, address: str) -> None:
        """Forget a login's wrong tries, and take back the count of this one for the address."""
        with self._lock:
            by_login, by_address = self._keys(login, address)
            self._counts.pop(by_login, None)
            if found := self._counts.get(by_address):
                self._counts[by_address] = _Count(found.wrong - 1, found.last, 0.0)

    def _left(self, keys: tuple[str, str]) -> float:
        now = self._clock()
        return max([0.0, *(self._counts[key].until - now for key in keys if key in self._counts)])

    def _count(self, key: str, free: int, now: float) -> None:
        before = self._counts.pop(key, None)
        known = before.wrong if before and now - before.last < FORGOTTEN_AFTER else 0
        wrong = known + 1
        wait = min(FIRST_WAIT * 2.0 ** min(wrong - free, 20), LONGEST_WAIT) if wrong >= free else 0
        self._counts[key] = _Count(wrong, now, now + wait)
        while len(self._counts) > MOST:
            self._counts.popitem(last=False)

    @staticmethod
    def _keys(login: str, address: str) -> tuple[str, str]:
        """Short keys, whatever was typed; the addresses of one IPv6 network count as one."""
        try:
            found = ipaddress.ip_address(address)
            place = str(ipaddress.ip_network((found, 64), False)) if found.version == 6 else address
        except ValueError:
            place = address
        digest = hashlib.sha256(login.encode("utf-8", "replace")).hexdigest()
        return f"login {digest}", f"address {place[:64]}"
