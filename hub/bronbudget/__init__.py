"""What a source takes at once and per minute: one budget per host for all tasks and workers."""
