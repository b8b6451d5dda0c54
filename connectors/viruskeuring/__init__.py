"""A scanner that looks at a document before anybody opens it."""
