"""PostGraphile from npm over our tables, in one process, with the settings that its makers advise for production.

It reads as the application's own role. Our tables of deliveries have no foreign keys, so it is told by smart tags what belongs
together, and finds the same indexes. It prepares its statements, and keeps the plans of operations (Grafast does both
unless told otherwise).
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.judges.folder import NODE, NPM

VERSION = "5.1.5"
SERVER = """
import { createServer } from "node:http";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";

const delivery = { tags: { foreignKey: [
  "(subscriber_id) references subscriber (id)", "(mailing_id) references mailing (id)" ] } };
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [makeJSONPgSmartTagsPlugin({ version: 1, config: { class: { delivery } } })],
  pgServices: [makePgService({ connectionString: process.env.PEER_DSN, schemas: ["public"], poolConfig: { max: 10 } })],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PEER_PORT), "127.0.0.1");
"""


@dataclass(frozen=True, slots=True)
class PostGraphile:
    """The peer in a folder of its own."""

    folder: Path

    def install(self) -> None:
        """Brings it from npm."""
        self.folder.mkdir()
        (self.folder / "package.json").write_text('{"private": true, "type": "module"}')
        (self.folder / "server.mjs").write_text(SERVER)
        words = [NODE, NPM, "install", f"postgraphile@{VERSION}", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True, timeout=600)

    def words(self) -> list[str]:
        """The command of its server, from `folder`."""
        return [NODE, "server.mjs"]

    def environment(self, dsn: str, port: int) -> dict[str, str]:
        """Where it listens and reads."""
        settings = {"PEER_DSN": dsn, "PEER_PORT": str(port)}
        return {**os.environ, **settings, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
