"""The benchmarks are run by hand, so a test sees to it that they keep up with the code that they measure."""

from importlib import import_module

import pytest

from tests.bench.__main__ import BENCHMARKS, GOALS


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_finds_what_it_measures(name: str):
    module = import_module(f"tests.bench.{name}")

    assert module.NAME
    assert callable(module.measure)


def test_every_goal_belongs_to_a_benchmark():
    names = {import_module(f"tests.bench.{name}").NAME for name in BENCHMARKS}

    assert {key.partition(".")[0] for key in GOALS} <= names
