"""What operators see of the hub and do to it; no content of messages, no personal data."""
