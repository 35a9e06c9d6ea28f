"""What Piccolo finds by the name in PICCOLO_CONF: the engine, and the one application with its migrations."""

from piccolo.conf.apps import AppRegistry

from app.storage.piccolo_engine import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["app.storage.piccolo_app"])
