"""A stand-in for Facebook Pages and Messenger, beside the one for X: same journal, faults, log and courier."""
