"""The data that a report rests on, named so that anybody can check they are the same."""

import pandas as pd

from workbench.store import Workspace
from workbench.words import commission as said


def frozen_table(data: Workspace) -> pd.DataFrame:
    """The hashes of the frozen data: of the snapshot, and of each file that came in.

    One row each: what, hash (of a file: SHA-256 of its bytes). Facts, no people.
    """
    rows = [(said.SNAPSHOT, data.snapshot), *sorted(data.inputs.items())]
    return pd.DataFrame(rows, columns=["what", "hash"], dtype="str")
