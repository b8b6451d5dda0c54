"""Sign-on of applications at the government: a token for a signed assertion."""
