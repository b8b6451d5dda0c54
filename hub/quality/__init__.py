"""Rules in one place: split by one SQL pass, judged and documented by Great Expectations."""
