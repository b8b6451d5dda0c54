"""The kit with which a partner proves its implementation of the aanmelding contract."""
