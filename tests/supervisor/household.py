"""A whole instance without the application: run as a script by the tests, which talk to it by signals.

The "web server" is the one of the standard library, serving a folder in which health/live is a file.
"""

import os
import sys
from pathlib import Path

from app.settings import read_settings
from app.supervisor.errors import CannotStart
from app.supervisor.supervise import Household, supervise

PREPARATION = """
import asyncio, asyncpg, os, pathlib
async def prepare():
    connection = await asyncpg.connect(os.environ["ASSENT_OWNER_DATABASE_URL"])
    await connection.execute("CREATE TABLE IF NOT EXISTS start (n int); INSERT INTO start VALUES (1)")
    starts = await connection.fetchval("SELECT count(*) FROM start")
    await connection.close()
    pathlib.Path(os.environ["ASSENT_DATA"], "banner.txt").write_text(f"Start number {starts}\\n")
asyncio.run(prepare())
"""


def main() -> None:
    settings = read_settings()
    pages = settings.data / "pages"
    (pages / "health").mkdir(parents=True, exist_ok=True)
    Path(pages / "health" / "live").write_text("yes")
    web = (
        sys.executable,
        "-m",
        "http.server",
        str(settings.port),
        "--bind",
        settings.host,
        "--directory",
        str(pages),
    )
    if words := os.environ.get("ASSENT_TEST_WEB"):
        web = (sys.executable, "-c", words)
    # The drain has a child of its own, as granian has workers.
    drain = ("sh", "-c", "sleep 1000 & wait")
    household = Household(
        preparation=(sys.executable, "-c", os.environ.get("ASSENT_TEST_PREPARATION", PREPARATION)),
        services={"web": web, "drain": drain},
    )
    try:
        sys.exit(supervise(settings, household))
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
