"""Heritage at a place (WFS of Mercator) and one designated object (the inventory's REST)."""
