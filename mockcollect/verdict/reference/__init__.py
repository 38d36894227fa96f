"""The vendor's standard events as data."""
