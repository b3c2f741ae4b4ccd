"""The policy's pages: everybody who works here reads the policy in force, managers change the draft of the next."""
