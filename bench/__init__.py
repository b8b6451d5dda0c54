"""Benchmarks: a module here is one, found by its name; what they share is in the packages below.

A benchmark measures ours, the floor and the peers in one run, and fails when a guarantee that
belongs to its figure does not hold. Nothing here touches a user's data.
"""
