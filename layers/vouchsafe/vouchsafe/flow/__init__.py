"""One module for each kind of trigger: the order of the steps, written down once."""
