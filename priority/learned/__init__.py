"""What is learned from posts that people labelled: whether what is said is said as people ask us.

`posts/` holds the posts, `teach.py` makes weights of them, `town-1.json` are such weights, `weights.py` reads a message
with them. A policy names the weights that it was published with, so that a revision decides tomorrow as it does today:
who teaches anew makes a new file, and leaves the old ones.
"""
