"""How tests ask: a server in the test's own process, and assertions on its events."""
