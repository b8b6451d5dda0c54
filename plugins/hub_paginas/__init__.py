"""The pages: server-rendered, in Dutch, behind Airflow's own sign-on and permissions."""
