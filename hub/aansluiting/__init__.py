"""Reconciliation: the ledger beside what the CRM and each receiver hold.

It only looks and reports: a difference is an incident with a proposed repair. One small module per
receiver; `verschillen` is what they share.
"""
