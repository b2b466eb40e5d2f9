"""What each platform sends: its real documents, and the headers that prove where they come from."""
