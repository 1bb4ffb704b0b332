"""`make bench`: every comparison in turn, or those named: `python -m benchmarks oulad`."""

import sys

from benchmarks import answers, features, oulad, report

COMPARISONS = {
    "report": report.compare,
    "oulad": oulad.compare,
    "features": features.compare,
    "answers": answers.compare,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or COMPARISONS:
        COMPARISONS[name]()
