"""Flood classes of a place, as the duty to inform of buyers and tenants has them (WMS)."""
