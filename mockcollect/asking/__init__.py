"""What was expected of an event: matching it, and the words of every failure. Pure."""
