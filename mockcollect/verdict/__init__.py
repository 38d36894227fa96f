"""What production would have made of an event. Pure: event in, verdict out."""
