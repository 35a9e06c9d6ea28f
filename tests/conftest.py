"""What every test may ask for; each fixture lives in the module that is named after its subject."""

from hypothesis import HealthCheck, settings

# How long one example takes says how busy the machine is, and nothing about the rule.
settings.register_profile("assent", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("assent")

pytest_plugins = [
    "tests.postgres_server",
    "tests.world",
    "tests.whereabouts",
    "tests.running",
    "tests.imports.door",
    "tests.preference_center.browser",
]
