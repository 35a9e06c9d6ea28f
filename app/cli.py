"""The command line: `assent run` and its sisters.

Nothing heavy is imported at the top: the supervisor lives as long as the instance and must stay small, and
`assent --help` must answer at once. So every command imports what it needs when it is called.

Exit codes: 0 done, 1 it failed, 2 the settings or the arguments are wrong.
"""

import sys

import click

from app.settings import Settings, SettingsInvalid, read_settings

_WRONG_SETTINGS = 2


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
    # The supervisor is imported late so that wrong settings and --help answer without it.
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
    settings = settings_or_exit()
    # These bring the database driver and the rules, which no other command needs.
    import asyncio

    from app.build import build_instance, log_to_stderr
    from app.jobs.loop import run as run_jobs
    from app.supervisor.database import reachable_database
    from app.supervisor.tied import follow_parent

    follow_parent()
    log_to_stderr()
    with reachable_database(settings) as database:
        instance = build_instance(settings, database.application)
        asyncio.run(run_jobs(instance, settings.data, database.owner))


def settings_or_exit() -> Settings:
    """The settings; if they are wrong, every mistake goes to stderr and the process ends with exit code 2."""
    try:
        return read_settings()
    except SettingsInvalid as invalid:
        for sentence in invalid.sentences:
            click.echo(f"Error: {sentence}", err=True)
        sys.exit(_WRONG_SETTINGS)


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
