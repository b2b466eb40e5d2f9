"""One module for each thing outside, and the only place that touches it."""
