"""The reporting warehouse: facts without identity, a pure function of what landed."""
