"""What the city publishes of its reporting: counted, protected, attacked, and only then shown."""
