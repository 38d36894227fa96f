"""How the world reaches the recorder: collect endpoints, inspection API, host."""
