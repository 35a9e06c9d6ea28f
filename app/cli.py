"""The command line: `assent run` and its sisters.

Nothing heavy is imported at the top: the supervisor lives as long as the instance and must stay small, and
`assent --help` must answer at once. So every command imports what it needs when it is called.

Exit codes: 0 done, 1 it failed, 2 the settings or the arguments are wrong.
"""

import sys
from pathlib import Path

import click

from app.settings import Settings
from app.terminal import in_process, progress, settings_or_exit, show

_NUMBER = click.IntRange(1, 2**63 - 1)
"""The number of an account, as far as the database counts."""

_as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.group()
def assent() -> None:
    """Assent: self-hosted, consent-aware e-mail tracking."""


@assent.command()
@click.option(
    "--with-parent", is_flag=True, hidden=True, help="Stop when the parent process ends, as make must."
)
def run(*, with_parent: bool) -> None:
    """Start everything: PostgreSQL (unless DATABASE_URL is set), the web server, the drain and the jobs."""
    settings = settings_or_exit()
    from app.supervisor.errors import CannotStart
    from app.supervisor.supervise import Household, supervise
    from app.supervisor.tied import follow_parent

    if with_parent:
        follow_parent()
    python = sys.executable
    household = Household(
        preparation=(python, "-m", "app.prepare"),
        services={"web": (python, *_web_words(settings)), "drain": (python, "-m", "app.cli", "drain")},
    )
    try:
        sys.exit(supervise(settings, household))
    except CannotStart as error:
        raise click.ClickException(str(error)) from error


@assent.command()
def drain() -> None:
    """Move the journal into PostgreSQL and do the timed jobs, until stopped; `assent run` starts one of these."""
    from app.commands import drain_until_stopped

    in_process(drain_until_stopped)


@assent.command()
@_as_json
def migrate(*, as_json: bool) -> None:
    """Bring the database up to date, beside a running instance or without one."""
    from app.commands import migrate_database

    in_process(migrate_database)
    if as_json:
        show({"upToDate": True}, as_json=True)
    else:
        click.echo("The database is up to date.")


@assent.command()
@_as_json
def demo(*, as_json: bool) -> None:
    """Make the demo account, if the database has no account yet."""
    from app.commands import make_demo_account

    made = in_process(make_demo_account)
    if as_json:
        show({"made": made is not None, "token": made}, as_json=True)
    else:
        click.echo(made or "There is an account already; nothing was made.")


@assent.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", type=_NUMBER, help="Number of the account; not needed where there is only one.")
@click.option("--list", "list_id", help="Id of the list that everybody is put on, as the API shows it.")
@click.option(
    "--dialect",
    type=click.Choice(["permission", "do_not_track"]),
    default="permission",
    help="Which columns hold answers.",
)
@click.option(
    "--empty-means",
    type=click.Choice(["unchanged", "false"]),
    default="unchanged",
    help="What an empty DoNotTrack says.",
)
@click.option("--source", help="Where the answers were given, in free words, for rows that do not say so.")
@click.option("--given-at", help="When they were given, for rows that do not say so: a date or RFC 3339.")
@click.option("--dry-run", is_flag=True, help="Only count what would happen.")
@_as_json
def import_people(
    file: Path,
    account: int | None,
    list_id: str | None,
    dialect: str,
    empty_means: str,
    source: str | None,
    given_at: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import the people and the answers of a CSV FILE, beside a running instance or without one."""
    from app.commands import FileImport, import_file
    from app.domain.imports import Defaults, Dialect, EmptyMeans, read_date

    at = read_date(given_at) if given_at else None
    if given_at and at is None:
        message = "This is a date such as 2026-03-01 or 2026-03-01T12:00:00Z."
        raise click.BadParameter(message, param_hint="--given-at")
    defaults = Defaults(Dialect(dialect), EmptyMeans(empty_means), source, at)
    asked = FileImport(file, account, list_id, defaults, dry_run)
    with progress("Importing", hidden=as_json) as advance:
        made = in_process(lambda settings: import_file(settings, asked, advance))
    show(made, as_json=as_json)
    if made["status"] != "DONE":
        sys.exit(1)


@assent.command("export")
@click.argument("kind", type=click.Choice(["campaign", "event-log", "subscribers", "ledger", "access"]))
@click.option("--account", type=_NUMBER, help="Number of the account; not needed where there is only one.")
@click.option("--output", "-o", default="-", help="File to write; standard output unless named.")
@click.option("--mailing", help="Id of a mailing, as the API shows it.")
@click.option(
    "--channel", type=click.Choice(["campaign", "transactional", "one-to-one", "relay"]), help="Whose events."
)
@click.option("--segment", help="Id of a segment.")
@click.option("--list", help="Id of a list.")
@click.option("--subscriber", help="Id of one person.")
@click.option("--from", help="From this time on: a date or RFC 3339.")
@click.option("--to", help="Until before this time.")
@click.option(
    "--bom", is_flag=True, help="Begin with a byte order mark, by which some spreadsheets know UTF-8."
)
@click.option("--gzip", "pack", is_flag=True, help="Pack the file; a name that ends with .gz does so too.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what was written.")
def export(
    account: int | None, output: str, *, bom: bool, pack: bool, as_json: bool, **words: str | None
) -> None:
    """Write people, events or answers as CSV, ACCESS as a zip, beside a running instance or without one."""
    from app.export_commands import export_file, wanted_by

    def work(settings: Settings) -> dict[str, object]:
        wanted = wanted_by(words, byte_order_mark=bom)
        packed = pack or output.endswith(".gz")
        return export_file(settings, account, wanted, output, advance, pack=packed)

    with progress("Exporting", hidden=as_json) as advance:
        made = in_process(work)
    # Where the file goes to standard output, nothing else does.
    show(made, as_json=as_json, on_stderr=output == "-")
    if made["status"] != "DONE":
        sys.exit(1)


@assent.group()
def account() -> None:
    """Accounts: everything belongs to one."""


@account.command("create")
@click.argument("name")
@_as_json
def create_account(name: str, *, as_json: bool) -> None:
    """Make an account under the strict preset, with a token of all scopes that is shown once."""
    from app.commands import create_account_with_token
    from app.key_commands import require_known_key

    def work(settings: Settings) -> dict[str, object]:
        require_known_key(settings)
        return create_account_with_token(settings, name)

    show(in_process(work), as_json=as_json)


@assent.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.argument("account", type=_NUMBER)
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="May be given several times.")
@_as_json
def create_token(account: int, name: str, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Make a token of ACCOUNT (its number) called NAME; its secret is shown once."""
    from app.commands import create_token_of

    show(in_process(lambda settings: create_token_of(settings, account, name, scopes)), as_json=as_json)


@assent.group()
def keys() -> None:
    """The secret keys that seal links and tokens."""


@keys.command("rotate")
@_as_json
def rotate(*, as_json: bool) -> None:
    """Make a new key in ASSENT_DATA/keys that seals from the next start on; the older ones still open everything."""
    from app.key_commands import rotate_keys, told

    made = in_process(rotate_keys)
    if as_json:
        show(made.as_json(), as_json=True)
    else:
        click.echo(told(made))


@assent.group()
def ledger() -> None:
    """The ledger of permissions: its anchors and its proof."""


@ledger.command("verify")
@click.option("--account", type=_NUMBER, help="Prove this account alone.")
@_as_json
def verify(account: int | None, *, as_json: bool) -> None:
    """Prove every chain against its head and the newest anchor; exit code 1 where something is found."""
    from app.ledger_commands import verify_ledger

    whole = in_process(lambda settings: verify_ledger(settings, account, as_json=as_json))
    sys.exit(0 if whole else 1)


@ledger.command("anchor")
@click.option("--account", type=_NUMBER, help="Anchor this account alone.")
@_as_json
def anchor(account: int | None, *, as_json: bool) -> None:
    """Write down now where every chain ends, in the database and outside; a job does it once a day."""
    from app.ledger_commands import anchor_ledger

    for made in in_process(lambda settings: anchor_ledger(settings, account)):
        show(made, as_json=as_json)


@assent.command()
@_as_json
def purge(*, as_json: bool) -> None:
    """Delete what is older than the accounts keep it; totals stay. A job does it once a day."""
    from app.ledger_commands import purge_accounts

    show(in_process(purge_accounts), as_json=as_json)


def _web_words(settings: Settings) -> tuple[str, ...]:
    """The command of the web server. Without respawning, one killed worker would take all of them down."""
    return (
        *("-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--factory"),
        *("--host", settings.host, "--port", str(settings.port), "--workers", str(settings.workers)),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "3"),
        *("--log-level", "warning"),
        "app.main:create_application",
    )


if __name__ == "__main__":
    assent()
