"""The governed place: what is drafted, approved by another person, published and switched off."""
