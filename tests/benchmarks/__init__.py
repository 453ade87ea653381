"""What Keepers costs. Run with `python -m tests.benchmarks`; never part of the test suite."""
