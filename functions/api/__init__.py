"""What people and shops ask."""
