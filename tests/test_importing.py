"""A process of ours starts without what it does not need, and leaves that for others to import."""

import subprocess
import sys


def imported(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_process_starts_without_the_grammar_of_addresses():
    told = "print('lark' in sys.modules, 'jsonschema' in sys.modules)"
    assert imported(f"import workbench.cli; {told}") == "False True"


def test_whoever_needs_the_grammar_can_still_import_it():
    told = "print(rfc3987_syntax.__name__)"
    assert imported(f"import workbench, rfc3987_syntax; {told}") == "rfc3987_syntax"
