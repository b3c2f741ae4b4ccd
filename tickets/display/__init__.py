"""How a ticket is shown: geometry (pure) and words. Asks nothing of the database."""
