"""The project: settings, processes, health, and the servers a laptop needs."""
