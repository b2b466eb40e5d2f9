"""The table of all codes: lists taken in, contradictions told, adoption prepared."""
