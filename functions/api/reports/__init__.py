"""What finance asks: which reports there are, and a link to one."""
