"""What every connector shares: HTTP, SOAP, the MAGDA envelope and the error family."""
