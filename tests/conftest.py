"""What every test may ask for; each fixture lives in the module that is named after its subject."""

pytest_plugins = [
    "tests.postgres_server",
    "tests.world",
    "tests.running",
    "tests.imports.door",
    "tests.preference_center.browser",
]
