"""One module or package per network; each holds exactly one `Channel`, whose slug is the module's name."""
