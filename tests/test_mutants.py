"""The planted faults can still be planted, and their tests still exist; `python -m tests.mutants` runs them."""

import ast

import pytest
from tests.mutants.catalogue import MUTANTS, SOURCES, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fault_can_be_planted_and_is_a_program(mutant: Mutant) -> None:
    text = (SOURCES / mutant.file).read_text()
    planted = mutant.planted(text)
    assert planted != text
    ast.parse(planted)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_its_tests_exist(mutant: Mutant) -> None:
    root = SOURCES.parents[1]
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert f"def {name.rpartition('::')[2].partition('[')[0]}(" in (root / file).read_text()
