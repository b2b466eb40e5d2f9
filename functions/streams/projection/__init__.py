"""What new facts set off: the order folded again, its redemptions kept."""
