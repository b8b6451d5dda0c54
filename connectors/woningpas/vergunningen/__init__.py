"""Environmental permits asked for at a place (WFS of Mercator)."""
