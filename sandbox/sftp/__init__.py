"""A partner without an API: the aanmelding contract as files over SFTP."""
