"""One package per outside system. No Airflow and no database in here."""
