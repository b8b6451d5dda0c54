"""The published contract by which a resident is signed up at a partner, and its client."""
