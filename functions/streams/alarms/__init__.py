"""What a change in the ledger says of leaks and broken terms."""
