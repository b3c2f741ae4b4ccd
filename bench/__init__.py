"""The bench: what intake costs beside raw SQL, and how long a message takes to its reply (docs/bench/README.md)."""
