"""What is kept: requests and events in TinyDB, and how they are found again."""
