"""The erasure of one resident who asks for it, through everything the hub holds."""
