"""Everything `make test` runs: all tests on PostgreSQL and Redis, then the marked ones on the embedded default.

Both runs always happen. The end is one summary: what failed, then each run's own closing line. Exit status 1 if
anything failed, or if a run had nothing to do.
"""

from __future__ import annotations

import os
import subprocess
import sys

PYTEST = [sys.executable, "-m", "pytest", "--color=no", "-n", os.environ.get("TEST_PROCESSES", "2")]
RUNS: dict[str, list[str]] = {
    "PostgreSQL and Redis": [],
    "the embedded default (SQLite, filesystem broker)": ["--embedded", "-m", "embedded and not faults"],
}


def run(arguments: list[str]) -> tuple[int, list[str], str]:
    """Run pytest while showing its output; its status, the lines that name a failure, and its closing line."""
    unhappy: list[str] = []
    closing = ""
    with subprocess.Popen(
        [*PYTEST, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if line.startswith(("FAILED ", "ERROR ")):
                unhappy.append(line)
            if line.strip():
                closing = line
    return process.returncode, unhappy, closing


def main() -> int:
    results = {name: run(arguments) for name, arguments in RUNS.items()}
    print("\nSummary")
    for name, (_, unhappy, _) in results.items():
        for line in unhappy:
            print(f"on {name}: {line}", end="")
    for name, (_, _, closing) in results.items():
        print(f"On {name}:\n{closing}", end="")
    return int(any(status for status, _, _ in results.values()))


if __name__ == "__main__":
    sys.exit(main())
