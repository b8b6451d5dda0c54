"""What the city promises: use cases, ledger, provenance, consent, quality. Knows no Airflow."""
