"""Writes of people and teams. What touches tickets besides stands one floor up (tickets/services/staff.py)."""
