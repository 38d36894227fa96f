"""What production answers: bytes in, Answer out. No Flask, no clock, no TinyDB."""
