"""What soil research said of a parcel (WFS of DOV, data of OVAM)."""
