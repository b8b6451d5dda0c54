"""What is worth a message to the resident, when, and in which words."""
