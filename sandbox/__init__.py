"""A stand-in for the network X over real HTTP on loopback. Imports nothing of the desk, and the desk nothing
of it."""
