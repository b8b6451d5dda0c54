"""The outside world on one machine: every outside system, faithful to its own contract.

Imports nothing of the project; reads only the files in ``connectors/*/contract/``.
"""
