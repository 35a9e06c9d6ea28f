"""What `assent keys` does, apart from the words of the command line, which `cli` has."""

import os
from dataclasses import dataclass

from app.actions.key_rotation import Rewrapped, others_connected, rewrap_accounts
from app.commands import with_instance
from app.key_file import add_key
from app.settings import KEY_FILE, Settings, read_settings
from app.supervisor.errors import AlreadyRunning, CannotStart
from app.supervisor.lock import LOCK_FILE, InstanceLock
from app.supervisor.postgres import embedded_cluster

VARIABLE = "ASSENT_SECRET_KEYS"


class KeysElsewhere(CannotStart):
    """The keys are in the environment, which no command can change; the message says what to do."""


class RestartFirst(CannotStart):
    """What is wrapped now, the running instance could not open: it does not know the newest key."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it: how many keys there are, whether an instance runs here, and else what was wrapped anew."""

    keys: int
    running: bool
    rewrapped: Rewrapped
    shared: bool = False
    """Whether other machines may use the same database; whether they do, this one cannot see while it runs itself."""

    def as_json(self) -> dict[str, object]:
        """For scripts; `restart` says that an instance runs here, which has to be started again."""
        return {
            "keys": self.keys,
            "restart": self.running,
            "accounts": self.rewrapped.accounts,
            "shared": self.shared,
        }


def rotate_keys(settings: Settings) -> Rotation:
    """Makes a new newest key in the data folder, and wraps the accounts' secrets under it where nothing runs here.

    The processes of a running instance keep the keys that they began with, and could not open what lies under another:
    there, its next start wraps. The same holds for other machines on the same database, which have files of their own.
    Raises `KeysElsewhere`.
    """
    if os.environ.get(VARIABLE, "").strip():
        raise KeysElsewhere(_IN_THE_ENVIRONMENT)
    running, shared = _runs(settings), settings.database_url is not None
    if shared and not running and with_instance(settings, others_connected):
        raise KeysElsewhere(_OTHERS_RUN)
    keys = add_key(settings.data / KEY_FILE)
    if running or not _has_database(settings):
        return Rotation(len(keys), running, Rewrapped(0, 0), shared)
    return Rotation(len(keys), running, with_instance(read_settings(), rewrap_accounts), shared)


def require_known_key(settings: Settings) -> None:
    """Raises `RestartFirst` where an instance runs here that began before the newest key was made."""
    keys, lock = settings.data / KEY_FILE, settings.data / LOCK_FILE
    if os.environ.get(VARIABLE, "").strip() or not lock.exists() or not _runs(settings):
        return
    if keys.stat().st_mtime_ns > lock.stat().st_mtime_ns:
        message = "Assent runs here since before the newest key was made. Restart it, then run this again."
        raise RestartFirst(message)


def _runs(settings: Settings) -> bool:
    lock = InstanceLock(settings.data)
    try:
        lock.acquire()
    except AlreadyRunning:
        return True
    with lock:
        return False


def _has_database(settings: Settings) -> bool:
    return settings.database_url is not None or embedded_cluster(settings.data).home.exists()


def told(rotation: Rotation) -> str:
    """What the operator reads."""
    sentences = [
        f"A new key stands in front of ASSENT_DATA/keys, which holds {rotation.keys} keys now.",
        "Keep the older ones: links in mails already sent, and the tokens of people, need them.",
    ]
    if rotation.running:
        sentences.append(
            "Restart Assent: until then its processes keep the keys that they began with. "
            "That start also wraps the accounts' secrets under the new key."
        )
    else:
        sentences.append(
            f"The secrets of {rotation.rewrapped.accounts} accounts were wrapped under the new key."
        )
    if rotation.shared:
        sentences.append(_THIS_MACHINE_ALONE)
    if rotation.rewrapped.closed:
        sentences.append(f"Of {rotation.rewrapped.closed} accounts no key opens the secrets: one is missing.")
    return "\n".join(sentences)


_THIS_MACHINE_ALONE = (
    "This command sees this machine alone. If others use the same database, stop them before you restart here, copy "
    "ASSENT_DATA/keys to each of them, and start them again: without this key they could not open the accounts' secrets."
)

_OTHERS_RUN = f"""Nothing runs here, but other processes of Assent use this database, and could not open what lies under a new
key of this machine. Nothing was changed. Stop them first and copy ASSENT_DATA/keys to each machine afterwards, or put the
keys in {VARIABLE} on all of them: `assent keys rotate` says then how to change them without a pause."""

_IN_THE_ENVIRONMENT = f"""{VARIABLE} is set, so the keys stand there and not in ASSENT_DATA/keys. Nothing was changed.
  1. Make a key: openssl rand -base64 32 | tr +/ -_
  2. On one machine, put it in front of the others, comma separated, and restart Assent. On several, put it behind the
     others first and restart them all; then put it in front, and restart them again.
  3. Keep the older keys: links in mails already sent need them. The start wraps the accounts' secrets under the newest."""
