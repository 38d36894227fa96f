"""What `scripts/bench` measures, and with what. Standard library only."""
