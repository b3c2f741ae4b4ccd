"""The demo's people, teams and accounts, and how they are put in place. Used only where DEMO is on."""
