"""A local stand-in for Commanders Act's HTTP Tracking API."""

__version__ = "0.1.0"
