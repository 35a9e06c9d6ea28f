"""The walk of a start: begin reading here.

    lock → leftovers → PostgreSQL → preparation → services → first answer → banner → watch … → stop

Theory: one process, one thread, one loop (`watch`), and children that cannot outlive it (`tied`). What dies is
started again (`processes`). SIGTERM, SIGINT and SIGHUP end everything: the services in the order in which they
were given, then PostgreSQL, each within its patience; together this stays under 15 s. SIGKILL leaves nothing
running, and the next start mends what it left (`leftovers`).
"""

import http.client
import os
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from app.key_file import written_keys
from app.settings import Settings
from app.supervisor.errors import CannotStart
from app.supervisor.leftovers import MARK, end_marked, end_server
from app.supervisor.lock import InstanceLock
from app.supervisor.memory import shared_memory
from app.supervisor.postgres import APPLICATION, OWNER, embedded_cluster
from app.supervisor.processes import Program, Service
from app.supervisor.watch import StopAsked, Watch, watching

BANNER = "banner.txt"
"""File of the data folder that the preparation may write for the terminal; shown after the first answer."""

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """What runs besides PostgreSQL: a preparation, once and to its end, then the services.

    Services are started and stopped in the order given; of the first, the web server, `/health/live` is asked.
    Commands are words, without a shell. `patience` is the time (seconds) that each service gets to stop.
    """

    services: Mapping[str, tuple[str, ...]]
    preparation: tuple[str, ...] | None = None
    patience: float = 4.5


def supervise(settings: Settings, household: Household) -> int:
    """Runs the household until a signal ends it; the exit code of this process. Call it from the main thread.

    Raises:
        CannotStart: when the start fails; everything is ended again by then.
    """
    with InstanceLock(settings.data), ExitStack() as afterwards, watching(_say) as watch:
        try:
            _start(settings, household, watch, afterwards)
            watch.forever()
        except StopAsked:
            _say("Stopping …")
    return 0


def _start(settings: Settings, household: Household, watch: Watch, afterwards: ExitStack) -> None:
    end_marked(settings.data, _say)
    _require_free(settings.host, settings.port)
    environment = _environment(settings)
    if settings.database_url is None:
        environment |= _start_postgres(settings, watch, afterwards)
    (settings.data / BANNER).unlink(missing_ok=True)
    program = partial(Program, environment=environment, patience=household.patience)
    if household.preparation and (code := watch.run(program(name="preparation", argv=household.preparation))):
        raise CannotStart(
            f"The preparation of the database failed (exit code {code}); its words stand above."
        )
    services = [watch.keep(program(name=name, argv=argv)) for name, argv in household.services.items()]
    _greet(settings, watch, services[0])


def _start_postgres(settings: Settings, watch: Watch, afterwards: ExitStack) -> dict[str, str]:
    """Starts the embedded server, recovery included; what the services need to know of it."""
    cluster = embedded_cluster(settings.data)
    end_server(cluster.note, _say)
    cluster.create()
    cluster.configure()
    afterwards.callback(cluster.leave)
    service = watch.keep(cluster.program)
    watch.until(lambda: _is_up(service, cluster.is_ready), service, "PostgreSQL is starting")
    return {
        "DATABASE_URL": cluster.address(APPLICATION),
        "ASSENT_OWNER_DATABASE_URL": cluster.address(OWNER),
    }


def _is_up(service: Service, is_ready: Callable[[int], bool]) -> bool:
    return service.child is not None and is_ready(service.child.pid)


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, with the data folder spelled out, the mark by which leftovers are found, shared memory, and unbuffered logs.

    All children live with the keys of this start: a worker that comes back after a new key was made must not seal what
    its siblings cannot open.
    """
    data, keys = str(settings.data), written_keys(settings.secret_keys)
    own = {"ASSENT_DATA": data, MARK: data, "ASSENT_SECRET_KEYS": keys, "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **shared_memory()}


def _greet(settings: Settings, watch: Watch, web: Service) -> None:
    host = _ANYWHERE.get(settings.host, settings.host)
    watch.until(lambda: _answers(host, settings.port), web, "The web server is starting")
    banner = settings.data / BANNER
    if banner.is_file():
        sys.stdout.write(banner.read_text(encoding="utf-8"))
        sys.stdout.flush()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_free(host: str, port: int) -> None:
    """A web server that cannot have its port would die again and again: say it once, before anything starts.

    Raises:
        CannotStart: when somebody else listens there, or the address is not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise CannotStart(
            f"The web server cannot listen on {host} port {port} ({error.strerror}): "
            "end what listens there, or set ASSENT_HOST and ASSENT_PORT.",
        ) from error


def _say(sentence: str) -> None:
    sys.stderr.write(f"assent: {sentence}\n")
    sys.stderr.flush()
