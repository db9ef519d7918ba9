"""Benchmarks: ours beside others' and beside the bare limit, in one run, so that ratios mean something."""
