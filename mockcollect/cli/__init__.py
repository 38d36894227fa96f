"""How a terminal and a pipeline ask."""
