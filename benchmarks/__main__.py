"""`make bench`: every comparison in turn, or those named: `python -m benchmarks oulad`.

Two take long and are only made when they are named: `batch_many` (1,000 reports) and `faults`.
"""

import sys

from benchmarks import answers, batch, faults, features, oulad, report, staff

COMPARISONS = {
    "report": report.compare,
    "oulad": oulad.compare,
    "features": features.compare,
    "answers": answers.compare,
    "batch": batch.compare,
    "staff": staff.compare,
    "batch_many": batch.many,
    "faults": faults.compare,
}

LONG = ("batch_many", "faults")

if __name__ == "__main__":
    for name in sys.argv[1:] or [each for each in COMPARISONS if each not in LONG]:
        COMPARISONS[name]()
