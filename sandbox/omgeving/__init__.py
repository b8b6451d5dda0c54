"""The maps around a dwelling: two WFS, the flood maps' WMS and the heritage inventory's REST."""
