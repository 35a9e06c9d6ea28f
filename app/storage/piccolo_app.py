"""The Piccolo application: where its migrations and its single-table mappings are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.storage.tables import Wording

APP_CONFIG = AppConfig(
    app_name="assent",
    migrations_folder_path=str(Path(__file__).parents[2] / "migrations"),
    table_classes=[Wording],
)
