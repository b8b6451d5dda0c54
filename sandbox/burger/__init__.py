"""Sign-on of citizens, as a government's OpenID Connect provider does it; here without any proof.

Written from the standard (OpenID Connect Core, authorization code with PKCE): how the real service
calls its claims is not told to us. The tester says which resident of the city signs on.
"""
