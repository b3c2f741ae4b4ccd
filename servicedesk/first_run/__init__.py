"""From an empty desk to the first acknowledged post, in the browser. On the top floor, because its steps are of every
floor: a person, the organisation, a team, opening hours, the policy, a channel."""
