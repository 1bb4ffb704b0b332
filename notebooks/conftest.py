"""Notebooks are checked as on a new machine: no report was made there before."""

import os
import tempfile

import pytest

HOME = tempfile.TemporaryDirectory(prefix="notebooks-")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Kernels get a home of their own: what they say of the last report rests on it."""
    os.environ["WORKBENCH_HOME"] = HOME.name
