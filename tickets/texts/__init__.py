"""The words of our notices: one validated document, filled in without ever trusting what goes in. Pure."""
