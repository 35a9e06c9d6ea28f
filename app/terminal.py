"""How a command speaks to whoever called it: progress, what was made, what is wrong, and the exit code.

Nothing heavy is imported at the top, as in `cli`.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from app.settings import Settings, SettingsInvalid, read_settings

_WRONG_SETTINGS = 2

Answer = TypeVar("Answer")


@contextmanager
def progress(title: str, *, hidden: bool) -> Iterator[Callable[[float | None], None]]:
    """A bar on stderr, where that is a terminal; it is told how far the work is, from 0 to 1."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=hidden or not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda done: bar.update(task, completed=done or 0.0)


def in_process(work: Callable[[Settings], Answer]) -> Answer:
    """Does the work of a command in this process; what the caller can mend becomes one sentence and exit code 1."""
    settings = settings_or_exit()
    # The rules' and the supervisor's errors are needed here and nowhere sooner.
    from app.domain.errors import RequestError
    from app.supervisor.errors import CannotStart

    try:
        return work(settings)
    except RequestError as error:
        raise click.ClickException(error.message) from error
    except CannotStart as error:
        raise click.ClickException(str(error)) from error


def show(made: dict[str, object], *, as_json: bool, on_stderr: bool = False) -> None:
    """Says what a command has made, a line for each part of it or as JSON."""
    if as_json:
        click.echo(json.dumps(made), err=on_stderr)
    else:
        for name, value in made.items():
            click.echo(f"{name:8} {value}", err=on_stderr)


def settings_or_exit() -> Settings:
    """The settings; if they are wrong, every mistake goes to stderr and the process ends with exit code 2."""
    try:
        return read_settings()
    except SettingsInvalid as invalid:
        for sentence in invalid.sentences:
            click.echo(f"Error: {sentence}", err=True)
        sys.exit(_WRONG_SETTINGS)
