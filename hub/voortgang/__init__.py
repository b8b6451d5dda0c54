"""Progress that partners tell of their aanmeldingen, and the documents they made."""
