"""Stand-ins on loopback for the vendors' APIs and for Slack, as their documentation has them."""
