"""What every test may ask for; each fixture lives in the module that is named after its subject."""

from hypothesis import HealthCheck, settings

# How long one example takes says how busy the machine is, and nothing about the rule. The examples are the same in every
# run, so that a change fails for what it changes; `pytest --hypothesis-profile=searching` looks for others.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("assent", settings.get_profile("searching"), derandomize=True)
settings.load_profile("assent")

pytest_plugins = [
    "tests.postgres_server",
    "tests.world",
    "tests.whereabouts",
    "tests.running",
    "tests.imports.door",
    "tests.preference_center.browser",
]
