import numpy as np
import pandas as pd
import pytest

from workbench import case_mix
from workbench.errors import DataError


def mix(**given):
    return case_mix.columns(pd.DataFrame(given))


def test_words_become_a_column_each_but_the_most_frequent():
    found = mix(town=["a"] * 50 + ["b"] * 30 + [None] * 20)
    assert found.traits.columns.tolist() == ["town: a", "town: b", "town: not recorded"]
    assert found.design.shape == (100, 3) and found.width == 2
    assert found.design[:, 0].tolist() == [1.0] * 100
    assert found.names == ("town",)


def test_rare_values_are_taken_together():
    found = mix(town=["a"] * 50 + ["b"] * 30 + ["c"] * 6 + ["d"] * 7)
    assert found.traits.columns.tolist() == ["town: a", "town: b", "town: other"]
    lone = mix(town=["a"] * 50 + ["b"] * 30 + ["c"] * 6)
    assert lone.traits.columns.tolist() == ["town: a", "town: other"]


def test_numbers_are_standardised_and_a_missing_one_says_so():
    found = mix(age=[20.0, 40.0] * 20 + [np.nan] * 10)
    assert found.design[:2, 1].tolist() == [-1.0, 1.0]
    assert found.design[40:, 1].tolist() == [0.0] * 10
    assert found.traits["age: not recorded"].sum() == 10


def test_what_is_constant_or_said_twice_is_left_out_and_noted():
    frame = pd.DataFrame(np.c_[np.tile([0.0, 1.0], 20), np.tile([1.0, 3.0], 20), np.ones(40)])
    frame.columns = ["a", "a", "b"]
    found = case_mix.columns(frame)
    assert found.width == 1 and found.names == ("a",)
    assert len(found.notes) == 2


def test_columns_are_centred_on_request_and_nobody_is_no_error():
    assert mix(age=[20.0, 40.0, 60.0]).centred.mean(axis=0) == pytest.approx([0])
    assert case_mix.columns(pd.DataFrame(index=range(5))).centred.shape == (5, 0)


def test_infinite_numbers_are_refused():
    with pytest.raises(DataError, match="case mix: age: 2 of 4 are infinite"):
        mix(age=[1.0, np.inf, -np.inf, 2.0])


def test_which_columns_add_something():
    x = np.random.default_rng(0).normal(size=(50, 3))
    every = np.c_[x[:, 0], 2 * x[:, 0], x[:, 1], np.zeros(50), x[:, 2], x.sum(axis=1)]
    assert case_mix.independent(every).tolist() == [True, False, True, False, True, False]
    assert case_mix.independent(x).all()
    assert case_mix.independent(np.zeros((0, 2))).tolist() == [False, False]
