"""What the clock sets off every day, week and month: the till's own list against the ledger."""
